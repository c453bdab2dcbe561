#include "iuf/image/resize.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "support/golden.h"
#include "support/noise.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

Image image_of(const TensorFile& file, const std::string& name) {
  const std::vector<int64_t>& shape = file.shape(name);
  const auto* pixels = reinterpret_cast<const uint8_t*>(file.bytes(name).data());
  const auto size = [&](size_t axis) { return static_cast<int>(shape[axis]); };
  return {size(1), size(0), size(2), {pixels, pixels + file.bytes(name).size()}};
}

Image gray_of(const Image& rgb) {
  Image gray{rgb.width, rgb.height, 1, {}};
  for (size_t i = 0; i < rgb.pixels.size(); i += 3) gray.pixels.push_back(rgb.pixels[i]);
  return gray;
}

/// One value of a line of `size` values, `stride` apart, scaled to `out` values: the definition, with exact weights.
double filtered(const uint8_t* line, int size, int stride, int out, int at) {
  const double scale = static_cast<double>(size) / out, support = std::max(scale, 1.0), centre = (at + 0.5) * scale;
  double sum = 0, weights = 0;
  for (int i = 0; i < size; ++i) {
    const double weight = std::max(0.0, 1 - std::abs(i + 0.5 - centre) / support);
    sum += weight * line[i * stride];
    weights += weight;
  }
  return sum / weights;
}

}  // namespace

TEST_CASE("bilinear resizing equals Pillow's, up and down, bit for bit", "[data][resize][golden]") {
  const TensorFile reference = golden("resize");
  size_t compared = 0;
  for (const std::string& name : reference.names()) {
    const std::string stem = name.substr(0, name.rfind('.'));
    if (name == stem + ".decoded") continue;
    INFO(name);
    const Image expected = image_of(reference, name), source = image_of(reference, stem + ".decoded");
    CHECK(resize_bilinear(source, expected.width, expected.height).pixels == expected.pixels);
    const Image gray = resize_bilinear(gray_of(source), expected.width, expected.height);
    CHECK(gray.channels == 1);
    CHECK(gray.pixels == gray_of(expected).pixels);
    ++compared;
  }
  CHECK(compared == 9);
}

TEST_CASE("resizing along one axis is the triangle filter, to half a level", "[data][resize]") {
  // 22-bit weights of at most 257 terms add 257 * 255 * 2^-23 = 0.008 levels of rounding.
  constexpr double tolerance = 0.5 + 0.008;
  for (const int channels : {1, 3}) {
    const Image line = noise(256, 1, channels, 7), column = noise(1, 256, channels, 7);
    for (const int size : {1, 2, 3, 5, 37, 224, 255, 257, 600}) {
      const Image across = resize_bilinear(line, size, 1), down = resize_bilinear(column, 1, size);
      for (int i = 0; i < size; ++i) {
        for (int c = 0; c < channels; ++c) {
          INFO(channels << " channels, 256 to " << size << ", value " << i << ", channel " << c);
          const auto at = static_cast<size_t>(i * channels + c);
          CHECK(std::abs(across.pixels[at] - filtered(&line.pixels[static_cast<size_t>(c)], 256, channels, size, i)) <=
                tolerance);
          CHECK(std::abs(down.pixels[at] - filtered(&column.pixels[static_cast<size_t>(c)], 256, channels, size, i)) <=
                tolerance);
        }
      }
    }
  }
}

TEST_CASE("rows are filtered first, columns first where mostly the height shrinks", "[data][resize]") {
  struct Case {
    int width, height, to_width, to_height;
    bool columns_first;
  };
  const std::vector<Case> cases = {{40, 60, 30, 40, false},    {40, 61, 30, 40, true},     {40, 61, 31, 40, true},
                                   {30, 41, 40, 40, true},     {30, 40, 40, 41, false},    {60, 30, 20, 20, false},
                                   {200, 300, 224, 224, true}, {300, 200, 224, 224, false}};
  for (const Case& size : cases) {
    INFO(size.width << " x " << size.height << " to " << size.to_width << " x " << size.to_height);
    const Image source = noise(size.width, size.height, 3, 7);
    const Image rows_first =
        resize_bilinear(resize_bilinear(source, size.to_width, size.height), size.to_width, size.to_height);
    const Image columns_first =
        resize_bilinear(resize_bilinear(source, size.width, size.to_height), size.to_width, size.to_height);
    REQUIRE(rows_first.pixels != columns_first.pixels);
    CHECK(resize_bilinear(source, size.to_width, size.to_height).pixels ==
          (size.columns_first ? columns_first : rows_first).pixels);
  }
}

TEST_CASE("resizing to the same size changes nothing, and a flat image stays flat", "[data][resize]") {
  const Image source = noise(19, 23, 3, 7);
  CHECK(resize_bilinear(source, 19, 23).pixels == source.pixels);
  CHECK(resize_nearest(source, 19, 23).pixels == source.pixels);
  for (const int value : {0, 1, 254, 255}) {
    const Image flat{900, 70, 3, std::vector<uint8_t>(900 * 70 * 3, static_cast<uint8_t>(value))};
    for (const auto& [width, height] : {std::pair{7, 5}, {1, 1}, {1000, 3}, {224, 224}}) {
      const Image resized = resize_bilinear(flat, width, height);
      CHECK(std::all_of(resized.pixels.begin(), resized.pixels.end(), [&](uint8_t pixel) { return pixel == value; }));
    }
  }
}

TEST_CASE("nearest takes the pixel under the centre and makes no new values", "[data][resize][mask]") {
  const Image source = noise(61, 35, 1, 7);
  for (const auto& [width, height] : {std::pair{224, 224}, {61, 7}, {13, 35}, {1, 1}, {300, 2}}) {
    const Image resized = resize_nearest(source, width, height);
    REQUIRE((resized.width == width && resized.height == height && resized.channels == 1));
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        // In integers: floor((x + 1/2) * 61 / width).
        const int from_x = (2 * x + 1) * 61 / (2 * width), from_y = (2 * y + 1) * 35 / (2 * height);
        REQUIRE(resized.row(y)[x] == source.row(from_y)[from_x]);
      }
    }
  }
  const Image colour = noise(5, 4, 3, 7), doubled = resize_nearest(colour, 10, 8);
  CHECK(std::memcmp(doubled.row(7) + 27, colour.row(3) + 12, 3) == 0);
}

TEST_CASE("an empty image or size cannot be resized", "[data][resize][error]") {
  const Image image = noise(3, 3, 3, 7);
  CHECK_THROWS_AS(resize_bilinear({}, 2, 2), Error);
  CHECK_THROWS_AS(resize_nearest({}, 2, 2), Error);
  CHECK_THROWS_AS(resize_bilinear(image, 0, 2), Error);
  CHECK_THROWS_AS(resize_nearest(image, 2, -1), Error);
}
