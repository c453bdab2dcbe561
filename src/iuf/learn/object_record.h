#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"

namespace iuf {

/// What an object's threshold comes from.
struct Calibration {
  /// Image scores above it are a defect.
  std::optional<double> threshold = {};
  /// The share of false alarms that it was asked for; absent where the threshold itself was, and in models that an
  /// older version wrote.
  std::optional<double> false_alarms = {};
  /// Of normal images, judged by what has not seen them, ascending. Empty where there are too few images, and in models
  /// that an older version wrote.
  std::vector<double> scores = {};
  /// Of images that came after learning and whose scores are among these: ImageFacts::photograph, sorted.
  std::vector<uint64_t> later_photographs = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("threshold", self.threshold);
    field("false_alarms", self.false_alarms, kMayLack);
    field("scores", self.scores, kUnlessEmpty);
    field("later_photographs", self.later_photographs, kUnlessEmpty);
  }
};

/// What a model keeps about an object besides what its method keeps.
struct ObjectRecord : Calibration {
  std::string name = {};
  std::string learned_as = {};  // its name before it was renamed; empty: this one
  int64_t step = 0;             // the step that learned it
  /// Anomaly scores at the ends of the colour scale: unused without a map, absent without a threshold.
  std::optional<double> low = 0, high = 1;
  int64_t train_images = 0, held_out_images = 0;
  int64_t copies = 0;        // further images with the pixels of one of these: they count once
  uint64_t fingerprint = 0;  // of the images it was learned from
  /// What to know of these images, one line each: those that are unlike the others.
  std::vector<std::string> remarks = {};
  /// ImageFacts::photograph of these, sorted; empty in models that an older version wrote.
  std::vector<uint64_t> photographs = {};
  /// What the threshold came from before it was changed, the first one first; since the last update of the object.
  std::vector<Calibration> earlier = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("name", self.name);
    field("learned_as", self.learned_as, kUnlessEmpty);
    field("step", self.step);
    Calibration::visit(self, field);
    field("low", self.low);
    field("high", self.high);
    field("train_images", self.train_images, kCount);
    field("held_out_images", self.held_out_images, kCount);
    field("copies", self.copies, kMayLack, kCount);
    field("fingerprint", self.fingerprint);
    field("remarks", self.remarks, kUnlessEmpty);
    field("photographs", self.photographs, kUnlessEmpty);
    field("earlier", self.earlier, kUnlessEmpty);
  }
};

}  // namespace iuf
