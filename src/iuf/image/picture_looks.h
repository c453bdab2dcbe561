#pragma once

#include "iuf/image/image.h"

namespace iuf {

/// What a picture tells of itself without knowing any other.
struct PictureLooks {
  int colours = 0;               // that differ, counted up to kManyColours
  double black_and_white = 0;    // share of the pixels whose values are all near 0 or all near 255
  bool black_or_white = false;   // all but for the noise of a JPEG, and both occur
  bool nearly_constant = false;  // in each channel all but 0.2 % of the values lie within 10 of each other
};
constexpr int kManyColours = 17;

/// At most 4 colours, or black and white: drawn, not photographed.
bool is_like_a_mask(const PictureLooks& looks);
/// Surely no mask, whatever noise it has.
bool is_like_a_photograph(const PictureLooks& looks);

/// Of an RGB image.
PictureLooks look_at(const Image& image);

}  // namespace iuf
