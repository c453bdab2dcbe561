#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "iuf/run/comparison_runner.h"

namespace iuf {

/// What the runs of a comparison left in their folders. `failures`: why a run failed, by its folder.
Comparison collect(const ComparisonOptions& options, const std::map<std::filesystem::path, std::string>& failures);

/// A line of comparison_objects.csv: what one seed of a method came to on an object after the last step.
struct ComparisonObject {
  std::string name = {}, label = {};  // as in comparison.csv
  int64_t seed = 0, step = 0;         // the step that learned it, from 1
  ObjectResult result = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    const ObjectResult& r = self.result;
    field("name", self.name);
    field("label", self.label);
    field("seed", self.seed);
    field("object", r.object);
    field("step", self.step);
    field("image_auroc", r.image.auroc);
    field("image_ap", r.image.average_precision);
    field("image_f1_max", r.image.f1_max);
    field("pixel_auroc", r.pixel.auroc);
    field("pixel_ap", r.pixel.average_precision);
    field("pixel_f1_max", r.pixel.f1_max);
    field("aupro", r.aupro);
    field("test_normal", r.test_normal);
    field("test_defect", r.test_defect);
    field("false_alarms", r.false_alarms);
    field("defects_found", r.defects_found);
    field("recognised", r.recognised);
    field("threshold", r.threshold);
  }
};
/// Of all runs that have ended, row by row; written, not read.
std::vector<ComparisonObject> collect_objects(const ComparisonOptions& options,
                                              const std::map<std::filesystem::path, std::string>& failures);

}  // namespace iuf
