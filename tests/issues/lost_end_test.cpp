// Pictures without compression of which copying has left zeros at the end were learned, and called defects.
#include <catch2/catch.hpp>

#include "iuf/image/image.h"
#include "iuf/image/image_header.h"
#include "support/bmp_file.h"
#include "support/dice.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr int kWidth = 96, kHeight = 64;
constexpr const char* kLostEnd = "are 0, from the middle of a row on";

// Values from 20 on, each of `bytes` bytes alike.
std::vector<uint32_t> pixels(uint32_t bytes) {
  std::vector<uint32_t> all;
  Dice dice(5);
  for (int i = 0; i < kWidth * kHeight; ++i) {
    const uint32_t value = 20 + dice.below(200);
    all.push_back(bytes == 1 ? value : value << 16 | value << 8 | value);
  }
  return all;
}

FileBytes bmp(int bits, const std::vector<uint32_t>& values, bool upper_first = false) {
  BmpFile file{.width = kWidth, .height = kHeight, .bits = bits, .upper_first = upper_first, .pixels = values};
  if (bits == 8)
    for (uint32_t v = 0; v < 256; ++v) file.palette.push_back(v << 16 | v << 8 | v);
  return bmp_file(file);
}

// With zeros from this share of the file on.
FileBytes cut(FileBytes file, double share) {
  const auto kept = static_cast<size_t>(share * static_cast<double>(file.size()));
  std::fill(file.begin() + static_cast<std::ptrdiff_t>(kept), file.end(), std::byte{0});
  return file;
}

void read(const FileBytes& file) {
  decode_image(file, "a.bmp");
}

}  // namespace

TEST_CASE("a BMP of which copying left zeros at the end is damaged", "[issues][damaged][lost_end]") {
  const int bits = GENERATE(8, 24, 32);
  const bool upper_first = GENERATE(false, true);
  INFO(bits);
  const FileBytes whole = bmp(bits, pixels(bits == 8 ? 1 : 3), upper_first);
  CHECK_NOTHROW(read(whole));
  for (const double share : {0.3, 0.665, 0.9})
    CHECK_THROWS_WITH(read(cut(whole, share)), Contains("damaged BMP") && Contains(kLostEnd));
}

TEST_CASE("black borders and parts on black are no damage", "[issues][damaged][lost_end]") {
  std::vector<uint32_t> border = pixels(3);
  std::fill(border.begin() + 50 * kWidth, border.end(), 0);
  CHECK_NOTHROW(read(bmp(24, border, true)));
  std::fill(border.begin(), border.begin() + 10 * kWidth, 0);
  CHECK_NOTHROW(read(bmp(24, border)));
  // A border below which the last pixels of a row are dark, and one that begins with a bright one.
  border[50 * kWidth - 1] = 0;
  border[50 * kWidth] = 0xffffff;
  CHECK_NOTHROW(read(bmp(24, border, true)));
  border[50 * kWidth] = 0;
  CHECK_NOTHROW(read(bmp(24, border, true)));
  // A disc that ends in the middle of a row.
  std::vector<uint32_t> part = pixels(3);
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      if ((x - 48) * (x - 48) + (y - 30) * (y - 30) > 500) part[static_cast<size_t>(y * kWidth + x)] = 0;
  CHECK_NOTHROW(read(bmp(24, part)));
  CHECK_NOTHROW(read(bmp(24, part, true)));
  CHECK_NOTHROW(read(bmp(24, std::vector<uint32_t>(kWidth * kHeight, 0))));
}

namespace {

// With its directory before the pixels, where zeros at the end leave it, and two strips.
FileBytes tiff(int bits, int channels) {
  const auto row = static_cast<uint64_t>(kWidth * channels * bits / 8), rows = uint64_t{kHeight};
  constexpr uint64_t entries = 9, bits_at = 8 + 2 + 12 * entries + 4, offsets_at = bits_at + 8,
                     counts_at = offsets_at + 8, pixels_at = counts_at + 8;
  FileBytes file;
  const auto number = [&](uint64_t value, size_t size) { put_number(file, value, size, false); };
  const auto entry = [&](uint64_t tag, uint64_t type, uint64_t count, uint64_t value) {
    number(tag, 2), number(type, 2), number(count, 4), number(value, 4);
  };
  put(file, {"II*\0", 4});
  number(8, 4);
  number(entries, 2);
  entry(256, 3, 1, kWidth);
  entry(257, 3, 1, rows);
  entry(258, 3, static_cast<uint64_t>(channels), channels == 1 ? static_cast<uint64_t>(bits) : bits_at);
  entry(259, 3, 1, 1);
  entry(262, 3, 1, channels == 1 ? 1 : 2);
  entry(273, 4, 2, offsets_at);
  entry(277, 3, 1, static_cast<uint64_t>(channels));
  entry(278, 3, 1, rows / 2);
  entry(279, 4, 2, counts_at);
  number(0, 4);
  for (int i = 0; i < 4; ++i) number(static_cast<uint64_t>(bits), 2);
  for (const uint64_t at : {pixels_at, pixels_at + rows / 2 * row}) number(at, 4);
  for (int i = 0; i < 2; ++i) number(rows / 2 * row, 4);
  Dice dice(9);
  for (uint64_t i = 0; i < rows * row; ++i) number(1 + dice.below(200), 1);
  return file;
}

}  // namespace

TEST_CASE("a TIFF of which copying left zeros at the end is damaged", "[issues][damaged][lost_end]") {
  const int bits = GENERATE(8, 16), channels = GENERATE(1, 3);
  INFO(bits << " " << channels);
  if (formats_read().find("TIFF") == std::string::npos) return;
  CHECK_NOTHROW(read(tiff(bits, channels)));
  const FileBytes whole = tiff(bits, channels);
  for (const double rows_lost : {45.5, 10.3}) {
    const double lost = rows_lost * kWidth * channels * bits / 8;
    CHECK_THROWS_WITH(read(cut(whole, 1 - lost / static_cast<double>(whole.size()))),
                      Contains("damaged TIFF") && Contains(kLostEnd));
  }
}
