#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace iuf {

/// Told how far a long job is: `done` of `total` of a stage, such as images; a total of 0 is unknown. It may be called
/// from any thread, by one at a time. An empty one is not called.
using Progress = std::function<void(const std::string& stage, int64_t done, int64_t total)>;

}  // namespace iuf
