#include "iuf/run/heatmap.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "tensor/error.h"

using namespace iuf;

namespace {

Colour pixel(const Image& image, int x, int y) {
  const uint8_t* p = image.row(y) + x * image.channels;
  return image.channels == 1 ? Colour{p[0], p[0], p[0]} : Colour{p[0], p[1], p[2]};
}

Image noise(int width, int height, int channels, unsigned seed) {
  std::mt19937 random(seed);
  Image image{width, height, channels, std::vector<uint8_t>(static_cast<size_t>(width * height * channels))};
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(random() & 255);
  return image;
}

std::vector<float> noise_map(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> map(static_cast<size_t>(width * height));
  for (float& value : map) value = static_cast<float>(random() % 1000) / 100;
  return map;
}

/// Slow twin: the map's value at a pixel of the input, pixel centres aligned.
double stretched(std::span<const float> map, int map_width, int map_height, int width, int height, int x, int y) {
  const double u = std::clamp((x + 0.5) * map_width / width - 0.5, 0.0, map_width - 1.0);
  const double v = std::clamp((y + 0.5) * map_height / height - 0.5, 0.0, map_height - 1.0);
  double sum = 0;
  for (int row = 0; row < map_height; ++row)
    for (int column = 0; column < map_width; ++column)
      sum += std::max(0.0, 1 - std::abs(u - column)) * std::max(0.0, 1 - std::abs(v - row)) *
             static_cast<double>(map[static_cast<size_t>(row * map_width + column)]);
  return sum;
}

/// The map's colours alone, on gray.
Image coloured(std::span<const float> map, int width, int height, float low, float high) {
  Image gray = blank_image(width, height, 3);
  std::fill(gray.pixels.begin(), gray.pixels.end(), uint8_t{128});
  return overlay(gray, map, width, height, low, high, 1);
}

/// Slow twin: the ramp's colour at a position 0..1, not rounded.
std::array<double, 3> ramp_colour(double position) {
  std::array<double, 3> colour{};
  const auto steps = static_cast<double>(colour_ramp().size() - 1);
  for (size_t i = 0; i < colour_ramp().size(); ++i)
    for (size_t c = 0; c < 3; ++c)
      colour[c] += std::max(0.0, 1 - std::abs(position * steps - static_cast<double>(i))) * colour_ramp()[i][c];
  return colour;
}

}  // namespace

TEST_CASE("the ramp runs from blue to red, and neighbours on it are distinct", "[report][heatmap]") {
  const std::vector<float> map = {0, 1};
  const Image ends = coloured(map, 2, 1, 0, 1);
  const Colour low = pixel(ends, 0, 0), high = pixel(ends, 1, 0);
  CHECK(low == colour_ramp().front());
  CHECK(high == colour_ramp().back());
  CHECK(low[2] > 2 * low[0]);
  CHECK(high[0] > 2 * high[2]);
  for (size_t i = 1; i < colour_ramp().size(); ++i) {
    int difference = 0;
    for (size_t c = 0; c < 3; ++c) difference += std::abs(colour_ramp()[i][c] - colour_ramp()[i - 1][c]);
    CHECK(difference > 40);
  }
}

TEST_CASE("values beyond the scale take its end colours", "[report][heatmap]") {
  const std::vector<float> map = {-INFINITY, -5, 2, 3, 99, INFINITY, NAN, 1e38f};
  const Image image = coloured(map, 8, 1, 2, 3);
  const Colour low = colour_ramp().front(), high = colour_ramp().back();
  const std::vector<Colour> expected = {low, low, low, high, high, high, {128, 128, 128}, high};
  for (int x = 0; x < 8; ++x) CHECK(pixel(image, x, 0) == expected[static_cast<size_t>(x)]);
}

TEST_CASE("a constant map is blue, whatever makes the scale empty", "[report][heatmap]") {
  const std::vector<float> map(6, 4.5f);
  for (const auto& [low, high] : {std::pair{4.5f, 4.5f}, {-INFINITY, INFINITY}, {5.0f, 4.5f}}) {
    const Image image = coloured(map, 3, 2, low, high);
    for (int x = 0; x < 3; ++x) CHECK(pixel(image, x, 1) == colour_ramp().front());
    CHECK(overlay(noise(5, 4, 3, 1), map, 3, 2, low, high).pixels.size() == 60);
  }
}

TEST_CASE("an overlay equals its slow twin on odd sizes, larger and smaller than the map", "[report][heatmap]") {
  const int map_width = 7, map_height = 5;
  const std::vector<float> map = noise_map(map_width, map_height, 3);
  for (const auto& [width, height, channels] : {std::tuple{31, 18, 3}, {3, 2, 1}, {1, 1, 3}, {7, 40, 1}}) {
    const Image input = noise(width, height, channels, 4);
    const float alpha = 0.25f;
    const Image result = overlay(input, map, map_width, map_height, 0, 10, alpha);
    REQUIRE(result.width == width);
    REQUIRE(result.height == height);
    REQUIRE(result.channels == 3);
    int worst = 0;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const std::array<double, 3> colour =
            ramp_colour(stretched(map, map_width, map_height, width, height, x, y) / 10);
        const Colour below = pixel(input, x, y);
        for (size_t c = 0; c < 3; ++c) {
          const int expected = static_cast<int>(std::lround(0.75 * below[c] + 0.25 * colour[c]));
          worst = std::max(worst, std::abs(expected - pixel(result, x, y)[c]));
        }
      }
    CHECK(worst <= 1);  // each of two roundings to 8 bit may fall the other way
  }
}

TEST_CASE("alpha 0 leaves the input, alpha 1 nothing of it", "[report][heatmap]") {
  const Image input = noise(6, 4, 3, 5);
  const std::vector<float> map = noise_map(6, 4, 6);
  CHECK(overlay(input, map, 6, 4, 0, 10, 0).pixels == input.pixels);
  CHECK(overlay(input, map, 6, 4, 0, 10, 1).pixels == coloured(map, 6, 4, 0, 10).pixels);
}

TEST_CASE("where an end of the scale is NaN the input shows, and nothing looks normal", "[report][heatmap]") {
  const std::vector<float> map = {1, 2, 3, 400};
  const Image input = noise(8, 8, 3, 5);
  for (const auto& [low, high] : {std::pair{NAN, NAN}, {0.0f, NAN}, {NAN, 1.0f}})
    CHECK(overlay(input, map, 2, 2, low, high).pixels == input.pixels);
}

TEST_CASE("where the map is NaN the input shows", "[report][heatmap]") {
  const Image input = noise(4, 1, 3, 7);
  const std::vector<float> map = {1, NAN, 1, 1};
  const Image result = overlay(input, map, 4, 1, 0, 1);
  CHECK(pixel(result, 1, 0) == pixel(input, 1, 0));
  for (const int x : {0, 2, 3}) CHECK(pixel(result, x, 0) != pixel(input, x, 0));
}

TEST_CASE("maps and images whose sizes contradict their data are errors", "[report][heatmap]") {
  const std::vector<float> map(6);
  const Image good = noise(2, 2, 3, 1), two_channels{1, 1, 2, {0, 0}}, hollow{2, 2, 3, {}};
  CHECK_THROWS_AS(overlay(good, map, 4, 2, 0, 1), Error);
  CHECK_THROWS_AS(overlay(good, map, 0, 0, 0, 1), Error);
  CHECK_THROWS_AS(overlay(good, map, -2, -3, 0, 1), Error);
  CHECK_THROWS_WITH(overlay(two_channels, map, 3, 2, 0, 1), Catch::Contains("2 channels"));
  CHECK_THROWS_AS(overlay(hollow, map, 3, 2, 0, 1), Error);
  CHECK_THROWS_AS(overlay(good, map, 3, 3, 0, 1), Error);
  CHECK_THROWS_AS(overlay(good, map, 3, 2, 0, 1, NAN), Error);
}
