#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/learn/verdict.h"

namespace iuf::report {

/// What a false alarm and a missed defect cost until the reader says otherwise.
constexpr int kFalseAlarmCost = 1, kMissCost = 10;

/// An image as the threshold of an object sorts it.
struct SortedImage {
  enum class Truth { normal, defect, unlabelled };
  double score = 0;
  Truth truth = Truth::unlabelled;
  Verdict verdict = Verdict::error;
  bool movable = false;  // by this threshold: neither unknown, nor an error, nor judged as another object
};

/// Scores of an object's images as a histogram, with a slider that moves the threshold and recounts what is found and
/// what is a false alarm, or what is rejected where it is not known which images are defective. Empty where no image
/// has a verdict that the threshold decides.
struct ThresholdPanel {
  std::string object = {};               // its name
  std::string id = {};                   // of its row in threshold_table(), if there is one
  std::optional<double> threshold = {};  // of the object
  /// A score is zero + unit * what stands here for it: scaled scores are shown where their zero and unit are known.
  double zero = 0, unit = 1;
  std::string x_name = "image score";
  std::vector<SortedImage> images = {};
};
std::string threshold_panel(const ThresholdPanel& panel);

/// A row for each object: threshold, found, missed, false alarms and what they cost, recounted with the sliders. The
/// reader sets the costs.
std::string threshold_table(const std::vector<ThresholdPanel>& panels);

/// A score with as many digits as tell it apart from the threshold, six at least.
std::string score_text(double score, std::optional<double> threshold);

}  // namespace iuf::report
