#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/data/image.h"
#include "iuf/data/picture_looks.h"
#include "iuf/settings/features.h"

namespace iuf {

/// How photographs of products are read.
struct PhotoReading {
  std::optional<ValueWindow> window = {};  // of 16-bit images; none yet: all 16 bits, which is the high byte
  Orientation orientation = Orientation::apply;
};

/// What is worth knowing of a photograph besides its pixels.
struct PictureFacts {
  bool deep = false;    // a PNG of 16 bits
  int largest = 0;      // of a deep one's values
  int orientation = 1;  // by which it was turned
  PictureLooks looks = {};
};

struct Photograph {
  Image image;  // RGB of 8 bits, upright
  PictureFacts facts = {};
};

/// As decode_image(), but for what `reading` says.
Photograph decode_photograph(std::span<const std::byte> bytes, const std::string& name, const PhotoReading& reading);

/// Whether a file is a PNG of 16 bits, by its first 25 bytes.
bool is_deep(std::span<const std::byte> first_bytes);
/// 0:2^n - 1 for as many bits, 8 to 16, as the largest value of these images' 16-bit PNGs needs; none without such.
/// A PNG may say how many bits count (sBIT). Where its values are scaled from these to all 16, as the PNG
/// specification demands, it needs 16; where they are not, and lie below 2^n, it needs n. Errors name the image.
std::optional<ValueWindow> window_of(const std::vector<std::string>& files);

}  // namespace iuf
