#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace iuf {

/// Bands across a picture, as a lamp that flickers leaves in frames of a rolling shutter.
struct LightBands {
  static constexpr size_t kMost = 12;
  /// The amplitude of the sine with so many periods (from 2 to kMost) over the picture's height, and over its width, in
  /// levels of what is as bright as the picture's median; wherever the bands begin.
  std::array<double, kMost + 1> across = {}, along = {};
};
/// Of the means of a picture's cells, row by row: by what share they differ from `factor` times the usual ones, as
/// light does. Bands that are shorter than three cells have none.
LightBands light_bands(const std::vector<double>& gray, const std::vector<double>& usual, double factor, int columns);

}  // namespace iuf
