#pragma once

#include <array>

#include "support/picture_files.h"

namespace iuf {

/// A BMP of numbers (of a palette, or whole pixels), written row by row from above.
struct BmpFile {
  int width = 0, height = 0;
  int bits = 24;
  uint32_t header = 40;  // bytes; 12: of OS/2
  uint32_t compression = 0;
  bool upper_first = false;
  std::vector<uint32_t> pixels = {};        // 24 and 32 bits: 0xRRGGBB where there are no masks
  std::vector<uint32_t> palette = {};       // 0xRRGGBB
  std::vector<uint32_t> masks = {};         // red, green, blue, alpha
  std::vector<std::vector<int>> runs = {};  // of the rows from below: bytes as they stand; instead of pixels
  uint32_t colours_said = 0, gap = 0;       // gap: bytes before the pixels
};

inline FileBytes bmp_rows(const BmpFile& bmp) {
  FileBytes rows;
  for (int line = 0; line < bmp.height; ++line) {
    const int y = bmp.upper_first ? line : bmp.height - 1 - line;
    FileBytes row;
    uint32_t pending = 0;
    int held = 0;
    for (int x = 0; x < bmp.width; ++x) {
      const uint32_t pixel = bmp.pixels[static_cast<size_t>(y * bmp.width + x)];
      if (bmp.bits >= 8) {
        put_number(row, pixel, static_cast<size_t>(bmp.bits / 8), false);
        continue;
      }
      pending = pending << bmp.bits | pixel;
      held += bmp.bits;
      if (held == 8) {
        put_number(row, pending, 1);
        pending = 0;
        held = 0;
      }
    }
    if (held > 0) put_number(row, pending << (8 - held), 1);
    while (row.size() % 4 != 0) put_number(row, 0, 1);
    put(rows, row);
  }
  return rows;
}

inline FileBytes bmp_file(const BmpFile& bmp) {
  FileBytes file, info, pixels;
  const bool first = bmp.header == 12;
  const auto number = [&](int64_t value, size_t size) { put_number(info, static_cast<uint64_t>(value), size, false); };
  number(bmp.header, 4);
  number(bmp.width, first ? 2 : 4);
  number(bmp.upper_first ? -bmp.height : bmp.height, first ? 2 : 4);
  number(1, 2);
  number(bmp.bits, 2);
  if (!first) {
    number(bmp.compression, 4);
    for (const int unused : {0, 2835, 2835}) number(unused, 4);
    number(bmp.colours_said, 4);
    number(0, 4);
  }
  for (const uint32_t mask : bmp.masks) number(mask, 4);
  while (info.size() < bmp.header) number(0, 1);
  for (const uint32_t colour : bmp.palette) number(colour, first ? 3 : 4);
  for (uint32_t i = 0; i < bmp.gap; ++i) number(0, 1);
  for (const std::vector<int>& run : bmp.runs)
    for (const int byte : run) put_number(pixels, static_cast<uint64_t>(byte), 1);
  if (bmp.runs.empty()) pixels = bmp_rows(bmp);
  put(file, "BM");
  put_number(file, 14 + info.size() + pixels.size(), 4, false);
  put_number(file, 0, 4);
  put_number(file, 14 + info.size(), 4, false);
  put(file, info);
  put(file, pixels);
  return file;
}

}  // namespace iuf
