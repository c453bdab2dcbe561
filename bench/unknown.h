#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace iuf::bench {

struct UnknownOptions {
  std::filesystem::path data, out;        // `out` keeps features, and the verdicts of every model
  std::vector<std::string> methods = {};  // empty or "all": all
  int64_t epochs = 1;                     // of trained methods
};
/// What becomes of a product that was never learned: for each object of a data set a method learns all the others in
/// one step, and judges all images of that object, and the test images of the others. Prints a Markdown table, of every
/// object as it comes: how many of its images are `unknown`, and how many of the normal and of the defective images of
/// learned objects, which should not be. A call that was killed is continued as by measure_false_alarms.
void measure_unknown(const UnknownOptions& options);

}  // namespace iuf::bench
