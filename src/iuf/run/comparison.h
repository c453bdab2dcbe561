#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/run/training_run.h"

namespace iuf {

/// A row of the comparison: a method, or a method under other settings.
struct Variant {
  std::string name;   // in --methods and of its folder
  std::string label;  // in tables
  std::string method;
  bool paper = false;        // a row of the paper's tables: part of the group `paper`
  std::string profile = {};  // that the adjustment makes; empty: the comparison's
  std::function<void(Settings&)> adjust = [](Settings&) {};
  bool joint = false;  // all objects in one step
};
/// Every row, in the order of the table.
const std::vector<Variant>& known_variants();
/// "all", "paper", or names separated by commas. Throws Error listing the known names.
std::vector<Variant> parse_variants(const std::string& list);

/// What one call compares. Equal options and data give equal tables, but for seconds and memory.
struct ComparisonOptions {
  std::filesystem::path data, out;
  std::optional<std::filesystem::path> backbone_weights = {};
  std::optional<std::filesystem::path> cache = {};  // default: out/cache
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

/// The training run of a variant and a seed, in out/NAME for the first seed and out/NAME-seedN for others.
RunOptions run_of(const ComparisonOptions& options, const Variant& variant, size_t seed);

/// Figures of a row, means over its seeds, in the order of the table. Fractions, seconds or bytes.
struct Figure {
  enum class Kind { percent, seconds, bytes };
  const char *key, *title;
  Kind kind;
  int better;  // 1: higher is better, -1: lower is better, 0: neither
};
const std::vector<Figure>& comparison_figures();

struct ComparisonRow {
  Variant variant;
  std::string failed = {};          // why it did not end; empty: it did, or it has not been tried yet
  std::vector<int64_t> seeds = {};  // that ended
  struct Value {
    double mean = 0;
    std::optional<double> spread = {};  // standard deviation over the seeds; absent for a single one
  };
  std::map<std::string, Value> figures = {};                // by key; absent where it is n/a
  std::vector<std::map<std::string, double>> by_seed = {};  // as `seeds`
  StepMatrix image = {}, pixel = {};                        // means over the seeds
};

/// Trains and evaluates one run; returns why it failed, or nothing. Called from several threads at once.
using Launch = std::function<std::string(const RunOptions&)>;

/// Runs what is missing, `jobs` runs at a time, and writes after each: comparison.json, comparison.csv, comparison.md
/// and report.html in options.out. Killed and called again it goes on. A run that fails does not keep the others from
/// running, nor do settings that do not fit a method, whose row then failed. Throws Error for options that do not fit
/// the data or what the folder holds, and for settings that fit no method.
std::vector<ComparisonRow> compare(const ComparisonOptions& options, int64_t jobs, const Launch& launch,
                                   const Progress& progress);
/// A Launch that trains here.
std::string train_here(const RunOptions& run);

/// The table's cells, head first: "96.1", or "96.1 ±0.3" over several seeds. A failed row says so.
std::vector<std::vector<std::string>> comparison_cells(const std::vector<ComparisonRow>& rows);

}  // namespace iuf
