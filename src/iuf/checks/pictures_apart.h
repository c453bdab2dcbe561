#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "iuf/checks/picture_uses.h"

namespace iuf {

inline constexpr size_t kFewestApart = 5;

/// Pictures of one size.
struct LookedAt {
  std::vector<const PictureLayout*> layouts = {};
  std::vector<const Sample*> samples = {};
};

struct ApartRules {
  bool masks = false;     // what these mark in the own pictures does not count, nor the cells around it
  bool anywhere = false;  // else a place must go along a side or cover an eighth of the picture, which few defects do
};

/// By what all the own pictures are beyond all others, in phrases: a turn by quarters or a mirror, the position or the
/// size of the part, corners of one colour, a place, a line of pixels. Beyond is three quarters of what the others
/// differ by, or three tenths and four times what the own do; a change of light or sharpness of the whole picture does
/// not count. At least one of each; a place needs kFewestApart pictures in which, and at least half of which, no mask
/// marks it.
std::vector<std::string> pictures_apart(const LookedAt& own, const LookedAt& others, const ApartRules& rules);

}  // namespace iuf
