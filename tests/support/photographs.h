#pragma once

#include <algorithm>
#include <cmath>

#include "iuf/image/image.h"
#include "support/dice.h"

namespace iuf {

/// An RGB picture as a camera makes it: a surface of smooth waves, another one for each seed, under noise of up to
/// `noise` levels.
inline Image photograph(int width, int height, uint32_t seed, uint32_t noise = 12) {
  Dice dice(seed);
  const double across = 0.05 + dice.below(100) / 800.0, down = 0.05 + dice.below(100) / 800.0;
  const double phase = dice.below(628) / 100.0;
  Image image = blank_image(width, height, 3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < 3 * width; ++x) {
      const double wave = 35 * std::sin(across * x / 3 + phase) * std::cos(down * y - phase);
      const int value =
          static_cast<int>(120 + wave) + static_cast<int>(dice.below(2 * noise + 1)) - static_cast<int>(noise);
      image.row(y)[x] = static_cast<uint8_t>(std::clamp(value, 0, 255));
    }
  return image;
}

inline Image cut_out(const Image& image, int left, int top, int width, int height) {
  Image part = blank_image(width, height, image.channels);
  for (int y = 0; y < height; ++y)
    std::copy_n(image.row(top + y) + image.channels * left, image.channels * width, part.row(y));
  return part;
}

/// `image` with a part of another one of its size in it, at its place.
inline Image with_part(Image image, const Image& other, int left, int top, int width, int height) {
  for (int y = top; y < top + height; ++y)
    std::copy_n(other.row(y) + image.channels * left, image.channels * width, image.row(y) + image.channels * left);
  return image;
}

}  // namespace iuf
