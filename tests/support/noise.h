#pragma once

#include <cstdint>

#include "iuf/image/image.h"

namespace iuf {

/// A picture of random values, the same for the same seed.
inline Image noise(int width, int height, int channels, uint32_t seed) {
  Image image{width, height, channels, {}};
  for (int i = 0; i < width * height * channels; ++i) {
    seed = seed * 1664525 + 1013904223;
    image.pixels.push_back(static_cast<uint8_t>(seed >> 24));
  }
  return image;
}

}  // namespace iuf
