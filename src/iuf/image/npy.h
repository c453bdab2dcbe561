#pragma once

#include <filesystem>
#include <functional>
#include <span>

namespace iuf {

/// Writes a complete NumPy array file (version 1.0, float32, little-endian, C order) or none, height x width, row by
/// row: `row(y)` gives `width` values, until the next call.
void write_npy(const std::filesystem::path& path, int height, int width,
               const std::function<std::span<const float>(int y)>& row);

}  // namespace iuf
