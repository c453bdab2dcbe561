#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace iuf::bench {

struct SmallOptions {
  std::filesystem::path data, out;        // `data` is generated where it is missing; `out` keeps features
  std::vector<std::string> methods = {};  // empty: iuf, surroundings, gaussian
  uint64_t seed = 0;                      // of the photographs
};
/// Every method learns the scene `plates` of `iuf synth` with its default settings, all objects in one step, and judges
/// the test photographs. Prints a Markdown table: per object, how many of each kind of defect and of the normal ones
/// get an alarm at the default threshold, and milliseconds from the file to the verdict, for one photograph at a time
/// and for a folder, whose photographs the threads share.
void measure_small(const SmallOptions& options);

}  // namespace iuf::bench
