#include "iuf/run/heatmap.h"

#include <algorithm>
#include <cmath>
#include <vector>

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

void check_map(const char* who, std::span<const float> map, int width, int height) {
  if (width <= 0 || height <= 0 || map.size() != static_cast<size_t>(width) * static_cast<size_t>(height))
    fail(who, ": a map of ", width, " x ", height, " has ", map.size(), " values");
}

void check_image(const char* who, const Image& image) {
  const size_t area = static_cast<size_t>(std::max(image.width, 0)) * static_cast<size_t>(std::max(image.height, 0));
  if (area == 0 || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != area * static_cast<size_t>(image.channels))
    fail(who, ": an image of ", image.width, " x ", image.height, " x ", image.channels, " has ", image.pixels.size(),
         " bytes; gray or RGB is expected");
}

Image blank(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  image.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels));
  return image;
}

Image to_rgb(const Image& image) {
  if (image.channels == 3) return image;
  Image rgb = blank(image.width, image.height, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i)
    std::fill_n(rgb.pixels.begin() + static_cast<ptrdiff_t>(3 * i), 3, image.pixels[i]);
  return rgb;
}

/// Where each value lies between low and high: 0..1, NaN stays NaN.
std::vector<float> positions(std::span<const float> map, float low, float high) {
  std::vector<float> result(map.size());
  // In double, so that a range of the largest floats does not overflow.
  const double from = low, range = static_cast<double>(high) - from;
  const bool usable = range > 0 && std::isfinite(range);
  std::transform(map.begin(), map.end(), result.begin(), [&](float value) {
    if (std::isnan(value)) return value;
    if (!usable) return value > high ? 1.0f : 0.0f;
    return static_cast<float>(std::clamp((static_cast<double>(value) - from) / range, 0.0, 1.0));
  });
  return result;
}

/// For each of `size` pixels the two neighbours among `source` samples and the weight of the second.
struct Tap {
  size_t first, second;
  float weight;
};
std::vector<Tap> taps(int size, int source) {
  std::vector<Tap> result(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    const double centre = std::clamp((i + 0.5) * source / size - 0.5, 0.0, source - 1.0);
    const size_t first = static_cast<size_t>(centre);
    result[static_cast<size_t>(i)] = {first, std::min(first + 1, static_cast<size_t>(source) - 1),
                                      static_cast<float>(centre - static_cast<double>(first))};
  }
  return result;
}

/// A neighbour without weight must not matter, be it NaN.
float mix(float a, float b, float weight) {
  return weight == 0 ? a : a + weight * (b - a);
}

}  // namespace

std::span<const Colour> colour_ramp() {
  return ramp;
}

Image colour_map(std::span<const float> map, int width, int height, float low, float high) {
  check_map("colour_map", map, width, height);
  const std::vector<float> position = positions(map, low, high);
  Image image = blank(width, height, 3);
  for (size_t i = 0; i < position.size(); ++i) {
    const Colour colour = std::isnan(position[i]) ? Colour{128, 128, 128} : colour_at(position[i]);
    std::copy(colour.begin(), colour.end(), image.pixels.begin() + static_cast<ptrdiff_t>(3 * i));
  }
  return image;
}

Image overlay(const Image& input, std::span<const float> map, int map_width, int map_height, float low, float high,
              float alpha) {
  check_image("overlay", input);
  check_map("overlay", map, map_width, map_height);
  if (!(alpha >= 0 && alpha <= 1)) fail("overlay: alpha is ", alpha, "; it must lie in 0..1");
  const std::vector<float> position = positions(map, low, high);
  const std::vector<Tap> columns = taps(input.width, map_width), rows = taps(input.height, map_height);
  const size_t stride = static_cast<size_t>(map_width);
  Image image = to_rgb(input);
  parallel_for(image.height, 16, [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      const Tap& row = rows[static_cast<size_t>(y)];
      const float* above = position.data() + row.first * stride;
      const float* below = position.data() + row.second * stride;
      uint8_t* pixel = image.row(static_cast<int>(y));
      for (const Tap& column : columns) {
        const float value = mix(mix(above[column.first], above[column.second], column.weight),
                                mix(below[column.first], below[column.second], column.weight), row.weight);
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

Image outline_mask(const Image& image, const Image& mask, Colour colour) {
  check_image("outline_mask", image);
  check_image("outline_mask", mask);
  const int width = image.width, height = image.height, radius = std::max(1, std::min(width, height) / 160);
  const auto index = [&](int x, int y) {
    return static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x);
  };

  std::vector<uint8_t> inside(static_cast<size_t>(width) * static_cast<size_t>(height));
  for (int y = 0; y < height; ++y) {
    const uint8_t* row = mask.row(static_cast<int>(int64_t{y} * mask.height / height));
    for (int x = 0; x < width; ++x) {
      const uint8_t* pixel = row + int64_t{x} * mask.width / width * mask.channels;
      inside[index(x, y)] = std::any_of(pixel, pixel + mask.channels, [](uint8_t value) { return value > 0; });
    }
  }
  // A pixel is deep inside when all within `radius` are: one pass along rows, one along columns, each counting how far
  // back the last pixel outside lies.
  std::vector<uint8_t> deep_in_row(inside.size()), deep(inside.size());
  const auto erode = [radius](int length, auto&& from, auto&& to) {
    int run = 0;
    for (int i = 0; i < length; ++i) {
      run = from(i) ? run + 1 : 0;
      if (run > 2 * radius) to(i - radius);
    }
  };
  for (int y = 0; y < height; ++y)
    erode(
        width, [&](int x) { return inside[index(x, y)]; }, [&](int x) { deep_in_row[index(x, y)] = 1; });
  for (int x = 0; x < width; ++x)
    erode(
        height, [&](int y) { return deep_in_row[index(x, y)]; }, [&](int y) { deep[index(x, y)] = 1; });

  Image result = to_rgb(image);
  for (size_t i = 0; i < inside.size(); ++i)
    if (inside[i] && !deep[i])
      std::copy(colour.begin(), colour.end(), result.pixels.begin() + static_cast<ptrdiff_t>(3 * i));
  return result;
}

}  // namespace iuf
