#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/image/image.h"
#include "nn/bytes.h"

// Image files that no writer of this program makes: 16 bits, transparency, sBIT, Exif.
namespace iuf {

using FileBytes = std::vector<std::byte>;

inline bool same(const Image& a, const Image& b) {
  return a.width == b.width && a.height == b.height && a.channels == b.channels && a.pixels == b.pixels;
}

inline void put(FileBytes& bytes, std::span<const std::byte> more) {
  for (const std::byte byte : more) bytes.push_back(byte);
}
inline void put(FileBytes& bytes, std::string_view text) {
  put(bytes, std::as_bytes(std::span(text.data(), text.size())));
}
inline void put_number(FileBytes& bytes, uint64_t value, size_t size, bool high_first = true) {
  for (size_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<std::byte>(value >> (8 * (high_first ? size - 1 - i : i))));
}

/// A PNG chunk with its length and check sum.
inline FileBytes png_chunk(std::string_view type, const FileBytes& content) {
  FileBytes chunk;
  put_number(chunk, content.size(), 4);
  put(chunk, type);
  put(chunk, content);
  const auto* named = reinterpret_cast<const Bytef*>(chunk.data()) + 4;
  put_number(chunk, crc32(0, named, static_cast<uInt>(content.size() + 4)), 4);
  return chunk;
}

struct PngFile {
  uint32_t width = 0, height = 0;
  int bits = 16;                       // of a sample, 8 or 16
  int channels = 1;                    // gray, gray with alpha, RGB, RGBA
  std::vector<uint16_t> samples = {};  // row by row
  int significant_bits = 0;            // sBIT of each channel; 0: none
};

inline FileBytes png_file(const PngFile& png) {
  FileBytes file, header, rows;
  put(file, "\x89PNG\r\n\x1a\n");
  put_number(header, png.width, 4);
  put_number(header, png.height, 4);
  const int colour_type[] = {0, 4, 2, 6};
  for (const int value : {png.bits, colour_type[png.channels - 1], 0, 0, 0})
    put_number(header, static_cast<uint64_t>(value), 1);
  const size_t row = png.width * static_cast<size_t>(png.channels);
  for (size_t i = 0; i < png.samples.size(); ++i) {
    if (i % row == 0) put_number(rows, 0, 1);  // no filter
    put_number(rows, png.samples[i], png.bits == 16 ? 2 : 1);
  }
  uLongf size = compressBound(rows.size());
  FileBytes packed(size);
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()), rows.size());
  packed.resize(size);
  const auto add = [&](const FileBytes& chunk) { put(file, chunk); };
  add(png_chunk("IHDR", header));
  if (png.significant_bits > 0)
    add(png_chunk("sBIT", FileBytes(static_cast<size_t>(png.channels), static_cast<std::byte>(png.significant_bits))));
  add(png_chunk("IDAT", packed));
  add(png_chunk("IEND", {}));
  return file;
}

/// A TIFF header with one directory whose last entry is the orientation.
struct TiffBlock {
  uint64_t orientation = 1;
  bool high_first = true;
  uint64_t type = 3, count = 1;         // of the orientation: SHORT
  uint64_t directory = 8, entries = 2;  // where it is said to be, how many it is said to have
};

inline FileBytes tiff_block(const TiffBlock& t) {
  FileBytes tiff;
  const auto number = [&](uint64_t value, size_t size) { put_number(tiff, value, size, t.high_first); };
  put(tiff, t.high_first ? std::string_view("MM") : std::string_view("II"));
  number(42, 2);
  number(t.directory, 4);
  number(t.entries, 2);
  for (const uint64_t value : {0x0100, 4}) number(value, 2);  // the width, LONG
  for (const uint64_t value : {1, 640}) number(value, 4);
  number(0x0112, 2);
  number(t.type, 2);
  number(t.count, 4);
  const size_t size = t.type == 4 ? 4 : t.type == 3 ? 2 : 1;
  number(t.orientation, size);
  number(0, 8 - size);  // the rest of the value, and no next directory
  return tiff;
}

/// The file with these bytes before the one at `place`.
inline FileBytes with_inside(const FileBytes& file, size_t place, const FileBytes& more) {
  FileBytes whole;
  put(whole, std::span(file).first(place));
  put(whole, more);
  put(whole, std::span(file).subspan(place));
  return whole;
}

/// A PNG with an eXIf chunk behind its header.
inline FileBytes with_exif_chunk(const FileBytes& png, const FileBytes& tiff) {
  return with_inside(png, 33, png_chunk("eXIf", tiff));
}

/// A JPEG with an Exif segment behind its first marker.
inline FileBytes with_exif_segment(const FileBytes& jpeg, const FileBytes& tiff) {
  FileBytes segment;
  put(segment, "\xff\xe1");
  put_number(segment, tiff.size() + 8, 2);
  put(segment, {"Exif\0\0", 6});
  put(segment, tiff);
  return with_inside(jpeg, 2, segment);
}

/// The image as a camera stores it that notes this orientation: what must be turned by it to look like `upright`. By
/// the table of Exif 2.32: where row 0 and column 0 of the stored image lie in the scene.
inline Image stored_with(const Image& upright, int orientation) {
  const bool exchanged = orientation >= 5;
  Image stored = blank_image(exchanged ? upright.height : upright.width, exchanged ? upright.width : upright.height,
                             upright.channels);
  const int right = upright.width - 1, bottom = upright.height - 1;
  for (int r = 0; r < stored.height; ++r)
    for (int c = 0; c < stored.width; ++c) {
      int x = c, y = r;                                     // 1: row 0 at the top, column 0 at the left
      if (orientation == 2) x = right - c;                  // top, right
      if (orientation == 3) x = right - c, y = bottom - r;  // bottom, right
      if (orientation == 4) y = bottom - r;                 // bottom, left
      if (orientation == 5) x = r, y = c;                   // left, top
      if (orientation == 6) x = right - r, y = c;           // right, top
      if (orientation == 7) x = right - r, y = bottom - c;  // right, bottom
      if (orientation == 8) x = r, y = bottom - c;          // left, bottom
      const auto channels = static_cast<size_t>(upright.channels);
      std::copy_n(upright.row(y) + channels * static_cast<size_t>(x), channels,
                  stored.row(r) + channels * static_cast<size_t>(c));
    }
  return stored;
}

}  // namespace iuf
