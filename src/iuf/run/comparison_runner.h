#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "iuf/features/cache_bound.h"
#include "iuf/features/progress.h"
#include "iuf/run/comparison.h"
#include "iuf/run/training_run.h"
#include "iuf/run/variants.h"

namespace iuf {

/// What one call compares. Equal options and data give equal tables, but for seconds and memory.
struct ComparisonOptions {
  std::filesystem::path data, out;
  std::optional<std::filesystem::path> backbone_weights = {};
  std::optional<std::filesystem::path> ignore = {};  // RunOptions::ignore
  CachePlace cache = {};                             // default: out/cache
  std::string profile = "fast";
  /// What a run of the method starts from, the user's flags included; a variant's own settings and the seed come on
  /// top.
  std::function<Settings(const std::string& method)> settings = {};
  Stream stream = {};
  std::vector<Variant> variants = {};
  std::vector<int64_t> seeds = {0};
  std::function<void()> written = {};  // called after the tables were written, from one thread at a time
};
/// A smaller budget, for a first look: a sixth of the epochs.
Settings quick(Settings settings);

/// The training run of a variant and of the seed with this index.
RunOptions run_of(const ComparisonOptions& options, const Variant& variant, size_t seed);
/// Whether it has ended before.
bool finished(const RunOptions& run);

/// compare.json: everything that the rows of a comparison share; the same folder may get more rows and seeds later.
struct ComparisonDescription {
  std::string data = {};                        // as absolute_text() has it: a note, content decides
  std::map<std::string, uint64_t> images = {};  // hash of the training images by object
  std::string profile = {};
  std::vector<std::vector<std::string>> steps = {};
  int64_t first_seed = 0;
  std::map<std::string, uint64_t> ignore = {};          // of the masks by object; nothing: none ignores any
  uint64_t weights = 0;                                 // hash of the backbone's file; 0: those in the program
  std::map<std::string, nlohmann::json> settings = {};  // that each method starts from, without the seed

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    // 2: with the images, the weights and every method's settings; 3: training images alone, wherever they lie
    field.format(3);
    field("data", self.data);
    field("images", self.images);
    field("profile", self.profile);
    field("steps", self.steps);
    field("first_seed", self.first_seed);
    field("ignore", self.ignore, kUnlessEmpty);
    field("weights", self.weights);
    field("settings", self.settings);
  }
};

/// Trains and evaluates one run; returns why it failed, or nothing. Called from several threads at once.
using Launch = std::function<std::string(const RunOptions&)>;

/// Runs what is missing, `jobs` runs at a time, and writes results and tables (ComparisonFiles) after each. Killed and
/// called again it goes on. A run that fails does not keep the others from running, nor do settings that do not fit a
/// method, whose row then failed. Throws Error for options that do not fit the data or what the folder holds, and for
/// settings that fit no method.
Comparison compare(const ComparisonOptions& options, int64_t jobs, const Launch& launch, const Progress& progress);

}  // namespace iuf
