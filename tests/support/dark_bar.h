#pragma once

#include <filesystem>

#include "iuf/image/image.h"

namespace iuf {

/// Draws a dark bar across the part in an image file: a feature that tells a product from its sibling.
inline void draw_dark_bar(const std::filesystem::path& file) {
  Image image = read_image(file);
  for (int y = image.height * 2 / 5; y < image.height * 3 / 5; ++y)
    for (int x = image.width / 4; x < image.width * 3 / 4; ++x)
      for (int c = 0; c < image.channels; ++c) {
        uint8_t& value = image.row(y)[x * image.channels + c];
        value = static_cast<uint8_t>(value / 3);
      }
  write_png(file, image);
}

}  // namespace iuf
