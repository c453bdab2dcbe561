#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace iuf::bench {

struct FalseAlarmOptions {
  std::filesystem::path data, out;                 // `out` keeps features, and the scores of every split
  std::vector<std::string> methods = {};           // empty or "all": all
  std::vector<int64_t> images = {10, 20, 40, 80};  // normal images to learn from
  std::vector<double> rates = {0.01, 0.05, 0.1};   // asked for
  int64_t splits = 20;
  int64_t epochs = 20;  // of trained methods
  int64_t others = 0;   // at most so many images are judged that were not learned from, in each split; 0: all
};
/// How many normal images get an alarm that were not learned from, where a share of them was asked for. All normal
/// images of an object, for training and for tests, are split at random: a method learns from so many, the threshold
/// comes from their scores (stats/conformal.h), and the others are judged. Objects with fewer than four images left are
/// left out. Prints Markdown tables, of every object as it comes and at the end over all: the share of false alarms in
/// all splits, and how many of the splits have a number of them as the calibration promises (alarms_as_expected). A
/// call that was killed is continued by the same one, if it is of the same settings and images; where the program has
/// changed since, another `out` is needed.
void measure_false_alarms(const FalseAlarmOptions& options);

}  // namespace iuf::bench
