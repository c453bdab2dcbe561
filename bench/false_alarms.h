#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace iuf::bench {

struct FalseAlarmOptions {
  std::filesystem::path data, out;                 // `out` keeps features
  std::vector<std::string> methods = {};           // empty: all
  std::vector<int64_t> images = {10, 20, 40, 80};  // normal images to learn from
  std::vector<double> rates = {0.01, 0.05, 0.1};   // asked for
  int64_t splits = 20;
  int64_t epochs = 20;  // of trained methods
};
/// How many normal images get an alarm that were not learned from, where a share of them was asked for. All normal
/// images of an object, for training and for tests, are split at random: a method learns from so many, the threshold
/// comes from their scores (stats/conformal.h), and the others are judged. Objects with fewer than four images left are
/// left out. Prints a Markdown table: of each method, object and number of images the mean share of false alarms, and
/// how many of the splits have a number of them inside the 95 % interval that follows from the calibration: of a
/// beta-binomial distribution, or, where the threshold is an extrapolation, at most its upper end.
void measure_false_alarms(const FalseAlarmOptions& options);

}  // namespace iuf::bench
