#pragma once

#include <iosfwd>

namespace iuf {

/// Width and height of a picture in pixels; as text "256" for a square, else "2448x2048".
struct Extent {
  int width = 0, height = 0;

  Extent() = default;
  Extent(int side) : width(side), height(side) {}  // NOLINT: a number stands for a square
  Extent(int w, int h) : width(w), height(h) {}
  bool operator==(const Extent&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Extent& extent);
/// Fails, as streams do, for anything but such a text.
std::istream& operator>>(std::istream& in, Extent& extent);

}  // namespace iuf
