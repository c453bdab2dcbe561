#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"
#include "iuf/run/run_metrics.h"

// comparison.json: what every method came to on the same steps.
namespace iuf {

/// A figure of a row: a column of the tables, in their order. Fractions, seconds or bytes.
struct Figure {
  enum class Kind { percent, seconds, bytes };
  const char *key, *title;
  Kind kind;
  int better;  // 1: higher is better, -1: lower is better, 0: neither
  /// Of one run and its model file; n/a where it has none.
  std::function<std::optional<double>(const RunMetrics& metrics, const std::filesystem::path& model)> of;
};
const std::vector<Figure>& comparison_figures();

using Figures = std::map<std::string, std::optional<double>>;  // by key; n/a where it is empty or absent
/// The value of a figure, if it has one.
std::optional<double> value_of(const Figures& figures, const std::string& key);

/// A method over all seeds.
struct ComparisonRow {
  std::string id = {}, name = {};                           // of its folder, and in tables
  std::optional<std::string> failed = {};                   // why it did not end
  std::vector<int64_t> seeds = {};                          // that ended
  bool joint = false;                                       // all objects in one step
  Figures figures = {};                                     // means over the seeds
  Figures spread = {};                                      // standard deviations; absent for a single seed
  std::vector<std::map<std::string, double>> by_seed = {};  // figures, as `seeds`
  std::map<std::string, std::string> reasons = {};          // why a figure is n/a, by its key
  std::vector<std::string> notes = {};                      // what else to know of the figures, each once
  int64_t errors = 0;                                       // images and masks that could not be used
  std::vector<std::vector<std::optional<double>>> image_auroc = {}, pixel_auroc = {};  // means: [step][object]

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("id", self.id, kMayLack);
    field("name", self.name);
    field("failed", self.failed, kMayLack);
    field("seeds", self.seeds, kMayLack);
    field("joint", self.joint, kMayLack);
    field("summary", self.figures);
    field("spread", self.spread, kMayLack);
    field("by_seed", self.by_seed, kMayLack);
    field("reasons", self.reasons, kUnlessEmpty);
    field("notes", self.notes, kUnlessEmpty);
    field("errors", self.errors, kMayLack, kCount);
    field("image_auroc", self.image_auroc, kMayLack, kFraction);
    field("pixel_auroc", self.pixel_auroc, kMayLack, kFraction);
  }
};

/// A test image as every method sees it. Pictures are named relative to the comparison's folder.
struct PanelImage {
  std::string object = {}, file = {}, label_name = {};
  std::string input = {}, mask = {};
  std::map<std::string, std::string> heat = {};  // by the rows' id

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("object", self.object);
    field("file", self.file);
    field("label_name", self.label_name, kMayLack);
    field("input", self.input);
    field("mask", self.mask);
    field("heat", self.heat);
  }
};

struct Comparison {
  std::vector<std::vector<std::string>> stream = {};  // the objects of each step
  std::string profile = {}, version = {};
  std::vector<ComparisonRow> rows = {};
  std::vector<PanelImage> panel = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(1);
    field("stream", self.stream);
    field("profile", self.profile);
    field("version", self.version);
    field("rows", self.rows);
    field("panel", self.panel);
  }
};

/// Throws Error naming the key when the file is damaged or contradicts itself, or a picture's name leads out of its
/// folder.
Comparison read_comparison(const std::filesystem::path& path);

}  // namespace iuf
