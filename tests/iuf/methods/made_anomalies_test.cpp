#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "iuf/methods/cut_paste.h"
#include "iuf/methods/pasted_anomaly.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

// Every pixel differs from its neighbours.
Image gradient_image(int width, int height) {
  Image image{width, height, 3, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) image.pixels.push_back(static_cast<uint8_t>((5 * x + 3 * y + 70 * c) % 256));
  return image;
}

struct Box {
  int left = 1 << 20, right = -1, top = 1 << 20, bottom = -1, count = 0;
  int width() const { return right - left + 1; }
  int height() const { return bottom - top + 1; }
};

Box box_of(const Image& mask) {
  Box box;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      if (mask.row(y)[x]) {
        box.left = std::min(box.left, x), box.right = std::max(box.right, x);
        box.top = std::min(box.top, y), box.bottom = std::max(box.bottom, y);
        ++box.count;
      }
  return box;
}

void check_unchanged_outside(const Image& image, const CutPaste& pasted) {
  REQUIRE(pasted.image.pixels.size() == image.pixels.size());
  size_t changed = 0;
  for (size_t i = 0; i < image.pixels.size(); ++i)
    changed += !pasted.mask.pixels[i / 3] && pasted.image.pixels[i] != image.pixels[i];
  REQUIRE(changed == 0);
}

}  // namespace

TEST_CASE("a pasted patch is an upright rectangle of the published size", "[iuf][cutpaste]") {
  const Image image = gradient_image(120, 90);
  std::set<std::pair<int, int>> places;
  for (uint64_t stream = 0; stream < 200; ++stream) {
    const CutPaste pasted = paste_patch(image, stream);
    check_unchanged_outside(image, pasted);
    const Box box = box_of(pasted.mask);
    REQUIRE(box.count == box.width() * box.height());
    const double area = box.count / (120.0 * 90.0), ratio = static_cast<double>(box.width()) / box.height();
    // Sides are rounded to whole pixels, at least 8 of them.
    REQUIRE(area > 0.02 * 0.87);
    REQUIRE(area < 0.15 * 1.13);
    REQUIRE(ratio > 0.3 * 0.87);
    REQUIRE(ratio < 3.3 * 1.13);
    places.insert({box.left, box.top});
  }
  CHECK(places.size() > 150);
  CHECK(paste_patch(image, 3).image.pixels == paste_patch(image, 3).image.pixels);
}

TEST_CASE("a scar is a thin strip inside the image", "[iuf][cutpaste]") {
  const Image image = gradient_image(256, 256);
  int turned = 0;
  for (uint64_t stream = 0; stream < 200; ++stream) {
    const CutPaste pasted = paste_scar(image, stream);
    check_unchanged_outside(image, pasted);
    const Box box = box_of(pasted.mask);
    REQUIRE(box.count > 2 * 10 / 2);
    REQUIRE(box.count <= 16 * 25 * 1.3);
    REQUIRE(std::max(box.width(), box.height()) <= 31);  // the diagonal of 16 x 25
    turned += box.count < box.width() * box.height();
  }
  CHECK(turned > 150);
}

TEST_CASE("a pasted piece keeps its colours but for a tenth", "[iuf][cutpaste]") {
  Image image = gradient_image(64, 64);
  std::fill(image.pixels.begin(), image.pixels.end(), uint8_t(100));
  bool changed = false;
  for (uint64_t stream = 0; stream < 20; ++stream) {
    const auto pixels = paste_patch(image, stream).image.pixels;
    const auto [low, high] = std::minmax_element(pixels.begin(), pixels.end());
    CHECK(*low >= 89);
    CHECK(*high <= 111);
    changed = changed || *low != *high;
  }
  CHECK(changed);
  image.channels = 1;
  CHECK_THROWS_WITH(paste_patch(image, 0), Catch::Contains("64 x 64 x 1"));
}

TEST_CASE("Perlin noise is smooth, centred and vanishes on its lattice", "[iuf][anomaly]") {
  const int size = 64;
  const std::vector<float> noise = perlin_noise(size, 4, 4, 0, 9);
  double mean = 0, worst = 0, highest = 0;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const double v = noise[static_cast<size_t>(y * size + x)];
      mean += v / (size * size);
      highest = std::max(highest, std::abs(v));
      if (x) worst = std::max(worst, std::abs(v - noise[static_cast<size_t>(y * size + x - 1)]));
    }
  CHECK(std::abs(mean) < 0.1);
  CHECK(highest > 0.4);
  CHECK(highest <= 1.0001);
  CHECK(worst < 0.3);  // 16 pixels from one lattice point to the next
  // Half a pixel from a lattice point it is a slope of at most sqrt(2) over a cell of 16 pixels.
  for (int y = 0; y < size; y += 16)
    for (int x = 0; x < size; x += 16) CHECK(std::abs(noise[static_cast<size_t>(y * size + x)]) < 1.42F * 0.72F / 16);
}

TEST_CASE("anomalies are pasted into about every second image, where the mask says", "[iuf][anomaly]") {
  const Image image = gradient_image(64, 64);
  int with = 0;
  double area = 0;
  for (uint64_t stream = 0; stream < 200; ++stream) {
    const PastedAnomaly pasted = paste_anomaly(image, procedural_texture(64, stream), stream);
    int64_t count = 0, changed = 0, outside = 0;
    for (size_t i = 0; i < pasted.mask.size(); ++i) {
      const bool same = std::equal(image.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i),
                                   image.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i + 3),
                                   pasted.image.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i));
      outside += !pasted.mask[i] && !same;
      count += pasted.mask[i];
      changed += !same;
    }
    REQUIRE(outside == 0);
    if (count > 0) REQUIRE(changed > count * 8 / 10);
    with += count > 0;
    area += static_cast<double>(count) / (64 * 64 * 200);
  }
  CHECK(with > 60);
  CHECK(with < 120);
  CHECK(area > 0.01);
  CHECK(area < 0.2);
  CHECK_THROWS_WITH(paste_anomaly(image, procedural_texture(32, 1), 1), Catch::Contains("32 x 32"));
}
