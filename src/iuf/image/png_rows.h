#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace iuf {

struct PngKind {
  int width = 0, height = 0;
  int channels = 1;  // gray; 3: RGB
  int bits = 8;      // or 16, of each value
};
/// The values of row y, until the next call; of 16 bits the high byte first.
using PngRow = std::function<const uint8_t*(int y)>;

/// Writes a complete PNG or none, row by row: neither the pixels nor the file are ever held as a whole.
void write_png_rows(const std::filesystem::path& path, const PngKind& kind, const PngRow& row);

}  // namespace iuf
