#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace iuf::bench {

struct MissingOptions {
  std::filesystem::path data, out;        // `out` keeps features and the frames
  std::vector<std::string> methods = {};  // empty: all
  int64_t train = 0;                      // normal images of each object, drawn at random; 0: all
  int64_t epochs = 1;
  int64_t photographs = 10;  // test images of each object whose borders are mirrored
  uint64_t seed = 0;
};
/// Every method learns the objects of a data set one after the other, and judges frames without a part (missing_frames)
/// made of their normal test images, and the test images themselves. Prints Markdown tables of what is caught (`defect`
/// or `unknown`), and of what becomes `unknown` that should not.
void measure_missing(const MissingOptions& options);

}  // namespace iuf::bench
