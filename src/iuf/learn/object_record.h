#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"

namespace iuf {

/// What a model keeps about an object besides what its method keeps.
struct ObjectRecord {
  std::string name = {};
  int64_t step = 0;                      // the step that learned it
  std::optional<double> threshold = {};  // image scores above it are a defect
  /// Anomaly scores at the ends of the colour scale: unused without a map, absent without a threshold.
  std::optional<double> low = 0, high = 1;
  int64_t train_images = 0, held_out_images = 0;
  int64_t copies = 0;        // further images with the pixels of one of these: they count once
  uint64_t fingerprint = 0;  // of the images it was learned from
  /// What to know of these images, one line each: those that are unlike the others.
  std::vector<std::string> remarks = {};
  /// ImageFacts::photograph of these, sorted; empty in models that an older version wrote.
  std::vector<uint64_t> photographs = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("name", self.name);
    field("step", self.step);
    field("threshold", self.threshold);
    field("low", self.low);
    field("high", self.high);
    field("train_images", self.train_images, kCount);
    field("held_out_images", self.held_out_images, kCount);
    field("copies", self.copies, kMayLack, kCount);
    field("fingerprint", self.fingerprint);
    field("remarks", self.remarks, kUnlessEmpty);
    field("photographs", self.photographs, kUnlessEmpty);
  }
};

}  // namespace iuf
