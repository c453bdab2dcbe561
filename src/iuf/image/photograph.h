#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/image/mask.h"
#include "iuf/image/picture_looks.h"
#include "iuf/settings/features.h"

namespace iuf {

/// How photographs of products are read.
struct PhotoReading {
  std::optional<ValueWindow> window = {};  // of 16-bit images; none yet: all 16 bits, which is the high byte
  Orientation orientation = Orientation::apply;
};

/// What is worth knowing of a photograph besides its pixels.
struct PictureFacts {
  bool deep = false;       // of 16 bits
  int largest = 0;         // of a deep one's values
  int common = 0;          // all but its hot pixels are at most this
  double beyond = 0;       // share of its values above the window
  double transparent = 0;  // share of the pixels that are not opaque
  int64_t pictures = 1;    // in the file, of which this is the first
  int orientation = 1;     // by which it was turned
  PictureLooks looks = {};
};

struct Photograph {
  Image image;  // RGB of 8 bits, upright
  PictureFacts facts = {};
  uint64_t values = 0;  // of a deep one: hash of its upright pixels with all 16 bits
};

inline MaskedPhoto masked_photo(const Photograph& p) {
  return {p.image.width, p.image.height, p.facts.orientation};
}

/// As decode_image(), but for what `reading` says.
Photograph decode_photograph(std::span<const std::byte> bytes, const std::string& name, const PhotoReading& reading);

}  // namespace iuf
