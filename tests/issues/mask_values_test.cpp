// Masks whose values say more than defect or not, and masks that may be drawn on the photograph as it is stored, are
// taken as before, with a word.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "iuf/image/mask.h"
#include "nn/file.h"
#include "support/jpeg_file.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

constexpr int kMaskSide = 64;

using Value = std::function<int(int x, int y)>;

Mask gray(const Value& value, int bits = 8) {
  const TemporaryFolder folder;
  PngFile png{.width = kMaskSide, .height = kMaskSide, .bits = bits};
  for (int i = 0; i < kMaskSide * kMaskSide; ++i)
    png.samples.push_back(static_cast<uint16_t>(value(i % kMaskSide, i / kMaskSide)));
  write_file(folder / "mask.png", png_file(png));
  return read_mask(folder / "mask.png");
}

bool says_several(const Mask& mask) {
  return std::ranges::any_of(
      mask.remarks, [](const std::string& remark) { return remark.starts_with("masks that hold several values"); });
}

double distance(double x, double y) {
  return std::hypot(x - 30.3, y - 31.1);
}

// The share of a pixel that a shape covers, in steps of a quarter of its side.
double covered(double x, double y, const std::function<bool(double x, double y)>& shape) {
  int inside = 0;
  for (int i = 0; i < 16; ++i) inside += shape(x + i % 4 / 4.0, y + i / 4 / 4.0);
  return inside / 16.0;
}

bool disc(double x, double y) {
  return distance(x, y) < 13;
}
bool bar(double x, double y) {
  return x > 10.5 && x < 40.25 && y > 20.5 && y < 23.75;
}
bool stripe(double x, double y) {
  return std::abs(x - 1.7 * y + 20) < 2.2;
}

}  // namespace

TEST_CASE("several classes in a mask are said", "[issues][mask]") {
  const auto scratch = [](int x, int y) { return y == 30 + x / 8 && x > 20 && x < 40; };
  const auto part = [](int x, int y) { return distance(x, y) < 20; };
  const auto ring = [](int x, int y) { return distance(x, y) >= 12 && distance(x, y) < 18; };
  for (const auto& pair : std::vector<std::pair<int, int>>{{1, 2}, {128, 255}, {1, 255}, {200, 255}, {20, 21}}) {
    const int low = pair.first, high = pair.second;
    INFO(low << " and " << high);
    const Lines both = {std::to_string(low), std::to_string(high)};
    // The outline of the part with a thin scratch, either way round; two areas; a ring whose pixels are to be ignored.
    CHECK(gray([&](int x, int y) { return scratch(x, y) ? high : part(x, y) ? low : 0; }).values == both);
    CHECK(gray([&](int x, int) { return x > 10 && x < 20 ? low : x > 40 && x < 44 ? high : 0; }).values == both);
    CHECK(gray([&](int x, int) { return x > 10 && x < 20 ? high : x > 40 && x < 50 ? low : 0; }).values == both);
    const Mask void_ring = gray([&](int x, int y) { return ring(x, y) ? high : distance(x, y) < 12 ? low : 0; });
    CHECK(void_ring.values == both);
    CHECK(says_several(void_ring));
    CHECK(gray([&](int x, int y) { return ring(x, y) ? low : distance(x, y) < 12 ? high : 0; }).values == both);
    CHECK(gray([&](int x, int y) {
            return x > 10 && x < 50 ? (y > 30 && y < 33 && x > 15 && x < 45 ? low : high) : 0;
          }).values == both);
    CHECK(void_ring.image.pixels[31 * kMaskSide + 30] == 255);  // as before
    CHECK(void_ring.image.pixels[31 * kMaskSide + 45] == 255);
  }
  CHECK(gray([](int x, int) { return x < 10 ? 0 : x < 20 ? 1 : x < 30 ? 2 : 3; }).values == Lines{"1", "2", "3"});
  CHECK(gray([](int x, int) { return x < 10 ? 0 : x < 20 ? 300 : 500; }, 16).values == Lines{"300", "500"});
}

TEST_CASE("coloured classes in a mask are said", "[issues][mask]") {
  const TemporaryFolder folder;
  PngFile png{.width = kMaskSide, .height = kMaskSide, .bits = 8, .channels = 3};
  for (int i = 0; i < kMaskSide * kMaskSide; ++i)
    for (const int value : i % kMaskSide < 20   ? std::array{0, 0, 0}
                           : i % kMaskSide < 30 ? std::array{128, 0, 0}
                           : i % kMaskSide < 36 ? std::array{224, 224, 192}
                                                : std::array{0, 0, 0})
      png.samples.push_back(static_cast<uint16_t>(value));
  write_file(folder / "mask.png", png_file(png));
  const Mask mask = read_mask(folder / "mask.png");
  CHECK(mask.values == Lines{"#800000", "#e0e0c0"});
  CHECK(says_several(mask));
}

TEST_CASE("soft edges, noise and JPEG are no classes", "[issues][mask]") {
  for (const auto& shape : {disc, bar, stripe}) {
    const auto soft = [&](double x, double y) { return covered(x, y, shape); };
    for (const int high : {255, 1, 128, 65535}) {
      INFO(high);
      const int bits = high > 255 ? 16 : 8;
      CHECK_FALSE(
          says_several(gray([&](int x, int y) { return static_cast<int>(std::lround(high * soft(x, y))); }, bits)));
      // Enlarged twice, to the nearest.
      CHECK_FALSE(says_several(
          gray([&](int x, int y) { return static_cast<int>(std::lround(high * soft(x / 2, y / 2))); }, bits)));
    }
    // Blurred, by a box of nine pixels twice.
    const auto blurred = [&](int x, int y) {
      double sum = 0, weights = 0;
      for (int dy = -8; dy <= 8; ++dy)
        for (int dx = -8; dx <= 8; ++dx) {
          const double weight = (9 - std::abs(dx)) * (9 - std::abs(dy));
          sum += weight * shape(x + dx, y + dy);
          weights += weight;
        }
      return static_cast<int>(std::lround(255 * sum / weights));
    };
    const Mask mask = gray(blurred);
    CHECK_FALSE(says_several(mask));
  }
  uint32_t state = 7;
  const auto random = [&](uint32_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<int>((state >> 8) % below);
  };
  CHECK_FALSE(says_several(gray([&](int x, int y) { return disc(x, y) ? 255 - random(6) : random(6); })));
  CHECK_FALSE(says_several(gray([&](int x, int y) { return disc(x, y) ? 255 - 5 * (x > 30) : 0; })));
  CHECK_FALSE(says_several(gray([&](int x, int y) { return disc(x, y) ? 1 : 0; })));
  const TemporaryFolder folder;
  write_file(folder / "mask.jpg", jpeg_file(64, 64, [](int x, int y) { return disc(x, y) ? 200 : y > 50 ? 255 : 0; }));
  CHECK_FALSE(says_several(read_mask(folder / "mask.jpg")));
}

TEST_CASE("masks without a note of turned photographs are said where sizes do not tell",
          "[issues][orientation][mask]") {
  const TemporaryFolder folder;
  const auto remark = [&](int width, int height, int orientation, bool noted) {
    PngFile png{.width = static_cast<uint32_t>(width), .height = static_cast<uint32_t>(height), .bits = 8};
    png.samples.assign(static_cast<size_t>(width * height), 0);
    png.samples[1] = 255;
    FileBytes file = png_file(png);
    if (noted) file = with_exif_chunk(file, tiff_block({.orientation = static_cast<uint64_t>(orientation)}));
    write_file(folder / "mask.png", file);
    ImageFeatures photo;
    const bool exchanged = noted && orientation > 4;
    photo.width = exchanged ? height : width;
    photo.height = exchanged ? width : height;
    photo.facts.orientation = orientation;
    const Mask mask = read_mask(folder / "mask.png", masked_photo(photo));
    return std::ranges::any_of(
        mask.remarks, [](const std::string& text) { return text.find("--orientation ignore") != std::string::npos; });
  };
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    CHECK(remark(8, 8, orientation, false) == (orientation > 1));
    CHECK(remark(8, 6, orientation, false) == (orientation > 1 && orientation <= 4));
    CHECK_FALSE(remark(8, 8, orientation, true));
    CHECK_FALSE(remark(8, 6, orientation, true));
  }
}
