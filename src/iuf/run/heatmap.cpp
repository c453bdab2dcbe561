#include "iuf/run/heatmap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "iuf/image/stretch.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr std::array<Colour, 9> ramp = {{{40, 48, 150},
                                         {38, 92, 214},
                                         {30, 146, 236},
                                         {32, 192, 205},
                                         {86, 214, 128},
                                         {180, 222, 66},
                                         {246, 190, 48},
                                         {236, 112, 34},
                                         {170, 18, 28}}};

/// The ramp at a position 0..1.
Colour colour_at(float position) {
  const float scaled = position * static_cast<float>(ramp.size() - 1);
  const size_t index = std::min(static_cast<size_t>(scaled), ramp.size() - 2);
  const float weight = scaled - static_cast<float>(index);
  Colour colour{};
  for (size_t c = 0; c < 3; ++c) {
    const float from = ramp[index][c], to = ramp[index + 1][c];
    colour[c] = static_cast<uint8_t>(from + weight * (to - from) + 0.5f);
  }
  return colour;
}

void check_map(std::span<const float> map, int width, int height) {
  if (width <= 0 || height <= 0 || map.size() != static_cast<size_t>(width) * static_cast<size_t>(height))
    fail("overlay: a map of ", width, " x ", height, " has ", map.size(), " values");
}

void check_image(const Image& image) {
  if (image.channels != 1 && image.channels != 3)
    fail("overlay: an image of ", image.channels, " channels; gray (1) or RGB (3) is expected");
  const size_t area = static_cast<size_t>(std::max(image.width, 0)) * static_cast<size_t>(std::max(image.height, 0));
  if (area == 0 || image.pixels.size() != area * static_cast<size_t>(image.channels))
    fail("overlay: an image of ", image.width, " x ", image.height, " x ", image.channels, " has ", image.pixels.size(),
         " bytes");
}

Image to_rgb(const Image& image) {
  if (image.channels == 3) return image;
  Image rgb = blank_image(image.width, image.height, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i)
    std::fill_n(rgb.pixels.begin() + static_cast<ptrdiff_t>(3 * i), 3, image.pixels[i]);
  return rgb;
}

/// Where each value lies between low and high: 0..1, NaN stays NaN, as do all where an end of the scale is NaN.
std::vector<float> positions(std::span<const float> map, float low, float high) {
  std::vector<float> result(map.size());
  // In double, so that a range of the largest floats does not overflow.
  const double from = low, range = static_cast<double>(high) - from;
  const bool usable = range > 0 && std::isfinite(range);
  if (std::isnan(low) || std::isnan(high)) return std::vector<float>(map.size(), NAN);  // no colour would be true
  std::transform(map.begin(), map.end(), result.begin(), [&](float value) {
    if (std::isnan(value)) return value;
    if (!usable) return value > high ? 1.0f : 0.0f;
    return static_cast<float>(std::clamp((static_cast<double>(value) - from) / range, 0.0, 1.0));
  });
  return result;
}

}  // namespace

std::span<const Colour> colour_ramp() {
  return ramp;
}

Image overlay(const Image& input, std::span<const float> map, int map_width, int map_height, float low, float high,
              float alpha) {
  check_image(input);
  check_map(map, map_width, map_height);
  if (!(alpha >= 0 && alpha <= 1)) fail("overlay: alpha is ", alpha, "; it must lie in 0..1");
  const std::vector<float> position = positions(map, low, high);
  const Stretch stretch(position, map_width, map_height, input.width, input.height);
  Image image = to_rgb(input);
  parallel_for(image.height, 16, [&](int64_t begin, int64_t end) {
    Stretch::Rows rows(stretch);
    for (int64_t y = begin; y < end; ++y) {
      uint8_t* pixel = image.row(static_cast<int>(y));
      for (const float value : rows(static_cast<size_t>(y))) {
        if (!std::isnan(value)) {
          const Colour colour = colour_at(value);
          for (size_t c = 0; c < 3; ++c)
            pixel[c] = static_cast<uint8_t>((1 - alpha) * static_cast<float>(pixel[c]) +
                                            alpha * static_cast<float>(colour[c]) + 0.5f);
        }
        pixel += 3;
      }
    }
  });
  return image;
}

void hatch_ignored(Image& heatmap, const Image& photograph, const IgnoredRegion& ignored) {
  constexpr int kLines = 40, kLeastStep = 6, kShade = 128;  // across the shorter side; pixels; of a line
  const std::vector<uint8_t> flags = ignored.at(heatmap.width, heatmap.height);
  const int step = std::max(std::min(heatmap.width, heatmap.height) / kLines, kLeastStep), line = (step + 4) / 5;
  size_t i = 0;
  for (int y = 0; y < heatmap.height; ++y)
    for (int x = 0; x < heatmap.width; ++x, ++i) {
      if (flags[i] == 0) continue;
      uint8_t* to = heatmap.row(y) + 3 * x;
      const uint8_t* from = photograph.row(y) + photograph.channels * x;
      for (int c = 0; c < 3; ++c) {
        const int value = from[photograph.channels == 3 ? c : 0];
        // Away from what is there, so that the lines show on dark and on bright ground.
        to[c] = static_cast<uint8_t>((x + y) % step < line ? (value < kShade ? (value + 255) / 2 : value / 2) : value);
      }
    }
}

}  // namespace iuf
