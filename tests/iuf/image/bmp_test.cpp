#include <catch2/catch.hpp>

#include "iuf/image/image_header.h"
#include "iuf/image/mask.h"
#include "iuf/image/photograph.h"
#include "nn/file.h"
#include "support/bmp_file.h"
#include "support/damage.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr int kWidth = 13, kHeight = 9;

std::vector<uint32_t> drawn(uint32_t end) {
  Dice dice(end);
  std::vector<uint32_t> pixels;
  for (int i = 0; i < kWidth * kHeight; ++i) pixels.push_back(dice.below(end));
  return pixels;
}

std::vector<uint32_t> palette(size_t colours) {
  std::vector<uint32_t> all = {0};
  while (all.size() < colours) all.push_back(0xffffff & (0x123457U * static_cast<uint32_t>(all.size())));
  return all;
}

// What a PNG of these colours, 0xRRGGBB, is read as.
Image from_png(const std::vector<uint32_t>& colours, int width = kWidth, int height = kHeight) {
  PngFile png{.width = static_cast<uint32_t>(width), .height = static_cast<uint32_t>(height), .bits = 8, .channels = 3};
  for (const uint32_t colour : colours)
    for (const int shift : {16, 8, 0}) png.samples.push_back(colour >> shift & 255);
  return decode_image(png_file(png), "png");
}

std::vector<uint32_t> coloured(const std::vector<uint32_t>& numbers, const std::vector<uint32_t>& colours) {
  std::vector<uint32_t> all;
  for (const uint32_t n : numbers) all.push_back(colours[n]);
  return all;
}

}  // namespace

TEST_CASE("a BMP gives the pixels of the equal PNG, whatever its version, depth and direction", "[data][image][bmp]") {
  for (const uint32_t header : {12, 40, 52, 56, 64, 108, 124})
    for (const int bits : {1, 4, 8, 24, 32})
      for (const bool upper_first : {false, true}) {
        if (header == 12 && (upper_first || bits == 32)) continue;
        INFO("header " << header << ", " << bits << " bits, upper row first: " << upper_first);
        const auto pixels = drawn(bits <= 8 ? 1U << bits : 1U << 24);
        const auto colours = bits <= 8 ? palette(size_t{1} << bits) : std::vector<uint32_t>{};
        const FileBytes file = bmp_file({.width = kWidth,
                                         .height = kHeight,
                                         .bits = bits,
                                         .header = header,
                                         .upper_first = upper_first,
                                         .pixels = pixels,
                                         .palette = colours});
        CHECK(same(decode_image(file, "a.bmp"), from_png(bits <= 8 ? coloured(pixels, colours) : pixels)));
        const ImageHeader said = header_of(std::span(file).first(32));
        CHECK((said.format == ImageHeader::Format::bmp && said.width == kWidth && said.height == kHeight));
        CHECK((said.readable() && !said.is_deep() && said.palette == (bits <= 8)));
      }
}

TEST_CASE("the colours of a BMP lie where its masks say, and transparency is left out", "[data][image][bmp]") {
  const auto read = [](const BmpFile& bmp) { return decode_image(bmp_file(bmp), "a.bmp").pixels; };
  BmpFile bmp{.width = 2, .height = 1, .bits = 16, .pixels = {0x7fff, 0x0421}};
  CHECK(read(bmp) == std::vector<uint8_t>{255, 255, 255, 8, 8, 8});  // 5 bits each
  for (const uint32_t header : {40, 52, 124}) {
    bmp = {.width = 2,
           .height = 1,
           .bits = 16,
           .header = header,
           .compression = 3,
           .pixels = {0xf81f, 0x07e0},
           .masks = {0xf800, 0x07e0, 0x001f}};
    CHECK(read(bmp) == std::vector<uint8_t>{255, 0, 255, 0, 255, 0});
    bmp.bits = 32;
    bmp.pixels = {0x01020304, 0xfffefdfc};
    bmp.masks = {0x0000ff, 0x00ff00, 0xff0000};  // red last
    CHECK(read(bmp) == std::vector<uint8_t>{4, 3, 2, 252, 253, 254});
  }
  bmp.pixels = {0x3ff00000 | 512 << 10 | 3, 0};
  bmp.masks = {0x3ff00000, 0x000ffc00, 0x000003ff};  // 10 bits each, of which the high ones count
  CHECK(read(bmp) == std::vector<uint8_t>{255, 128, 0, 0, 0, 0});
  bmp.pixels = {0x80112233, 0xff445566};
  bmp.masks = {0xff0000, 0x00ff00, 0x0000ff, 0xff000000};
  const Photograph photograph = decode_photograph(bmp_file(bmp), "a.bmp", {});
  CHECK(photograph.image.pixels == std::vector<uint8_t>{0x11, 0x22, 0x33, 0x44, 0x55, 0x66});
  CHECK(photograph.facts.transparent == 0.5);
  bmp.masks = {0xff0000, 0x00ff00, 0x0000a5};
  CHECK_THROWS_WITH(read(bmp), Contains("damaged BMP") && Contains("side by side"));
}

TEST_CASE("runs of a BMP are read, and what they leave out is the first colour", "[data][image][bmp]") {
  const std::vector<uint32_t> colours = {0x000000, 0xff0000, 0x00ff00, 0x0000ff};
  const auto read = [&](int bits, const std::vector<std::vector<int>>& runs) {
    return decode_image(bmp_file({.width = 5,
                                  .height = 3,
                                  .bits = bits,
                                  .compression = bits == 8 ? 1U : 2U,
                                  .palette = colours,
                                  .runs = runs,
                                  .colours_said = 4}),
                        "a.bmp");
  };
  const Image expected = from_png(coloured({0, 0, 3, 3, 0, 1, 2, 3, 1, 2, 1, 1, 1, 2, 2}, colours), 5, 3);
  // From below: runs; five numbers as they stand, and a byte that makes them even; a step, and a run.
  CHECK(same(read(8, {{3, 1, 2, 2, 0, 0}, {0, 5, 1, 2, 3, 1, 2, 0}, {0, 0}, {0, 2, 2, 0, 2, 3}, {0, 1}}), expected));
  CHECK(same(read(4, {{3, 0x11, 2, 0x22, 0, 0}, {0, 5, 0x12, 0x31, 0x20, 0, 0, 0}, {0, 2, 2, 0, 2, 0x33, 0, 1}}),
             expected));
  const std::vector<std::vector<int>> first = {{3, 1, 2, 2, 0, 0}};
  for (const std::vector<int>& bad : {std::vector<int>{6, 1},
                                      {0, 6, 1, 1, 1, 1, 1, 1},
                                      {0, 2, 6, 0},
                                      {0, 2, 0, 3},
                                      {1, 4},
                                      {5},
                                      {5, 1},
                                      {0, 5, 1, 2},
                                      {0},
                                      {0, 2, 1},
                                      {}}) {
    auto runs = first;
    runs.push_back(bad);
    CHECK_THROWS_WITH(read(8, runs), Contains("a.bmp: damaged BMP"));
  }
}

TEST_CASE("a BMP that is cut off, lies about itself or is of an odd kind is refused", "[data][image][bmp][error]") {
  const BmpFile good{
      .width = 4, .height = 4, .bits = 8, .pixels = std::vector<uint32_t>(16, 3), .palette = palette(256)};
  const auto refused = [](const BmpFile& bmp, const std::string& reason) {
    CHECK_THROWS_WITH(decode_image(bmp_file(bmp), "a/b.bmp"), Contains("a/b.bmp: ") && Contains(reason));
  };
  CHECK_NOTHROW(decode_image(bmp_file(good), "good"));
  BmpFile bmp = good;
  bmp.palette = palette(3);
  refused(bmp, "number 3 of a palette of 3");
  bmp.colours_said = 5;
  refused(bmp, "begin where they cannot");
  for (const int bits : {0, 2, 3, 48}) {
    bmp = good;
    bmp.bits = bits;
    bmp.pixels = {};
    bmp.runs = {std::vector<int>(64)};
    refused(bmp, "a kind of BMP that is not read: " + std::to_string(bits) + " bits");
  }
  for (const uint32_t compression : {4, 5, 77}) {
    bmp = good;
    bmp.compression = compression;
    refused(bmp, "compression " + std::to_string(compression));
  }
  bmp = good;
  bmp.header = 24;
  refused(bmp, "a header of 24 bytes");
  for (const auto& [width, height] : {std::pair(0, 4), {4, 0}, {-4, 4}}) {
    bmp = good;
    bmp.runs = {std::vector<int>(64)};
    bmp.width = width, bmp.height = height;
    refused(bmp, "it has no pixels");
  }
  bmp.width = 60000, bmp.height = 60000;
  refused(bmp, "more than the limit");
  bmp.width = 16000, bmp.height = 16000;
  refused(bmp, "cannot hold 16000 x 16000 pixels");
  bmp.compression = 1;
  refused(bmp, "cannot hold 16000 x 16000 pixels");
  const FileBytes whole = bmp_file(good);
  for (size_t size = 0; size < whole.size(); ++size)
    CHECK_THROWS_AS(decode_image(std::span(whole).first(size), "cut"), Error);
}

TEST_CASE("a damaged BMP is read or refused, whatever was damaged", "[data][image][bmp][error]") {
  const auto read = [](std::span<const std::byte> bytes) { decode_image(bytes, "damaged", 1 << 20); };
  const auto pixels = drawn(16);
  for (const BmpFile& bmp :
       {BmpFile{.width = kWidth, .height = kHeight, .bits = 4, .pixels = pixels, .palette = palette(16)},
        BmpFile{.width = 5,
        .height = 3,
        .bits = 8,
        .compression = 1,
        .palette = palette(4),
        .runs = {{3, 1, 2, 2, 0, 0}, {0, 5, 1, 2, 3, 1, 2, 0}, {0, 0}, {0, 2, 2, 0, 2, 3}, {0, 1}}},
        BmpFile{.width = kWidth,
        .height = kHeight,
        .bits = 32,
        .header = 124,
        .compression = 3,
        .pixels = pixels,
        .masks = {0xff0000, 0x00ff00, 0x0000ff, 0xff000000}}})
    CHECK(read_mutated(bmp_file(bmp), 2000, read) > 16);
}

TEST_CASE("a mask in a BMP is one, and black under several numbers is refused", "[data][mask][bmp]") {
  const TemporaryFolder folder;
  BmpFile bmp{.width = 4, .height = 1, .bits = 8, .pixels = {0, 1, 2, 0}, .palette = {0, 0xffffff, 0xffffff}};
  write_file(folder / "mask.bmp", bmp_file(bmp));
  CHECK(read_mask(folder / "mask.bmp").image.pixels == std::vector<uint8_t>{0, 255, 255, 0});
  bmp.palette = {0, 0, 0xffffff};
  write_file(folder / "mask.bmp", bmp_file(bmp));
  CHECK_THROWS_WITH(read_mask(folder / "mask.bmp"), Contains("several of its numbers as black"));
}
