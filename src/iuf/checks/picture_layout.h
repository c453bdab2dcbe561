#pragma once

#include <array>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

/// A picture by place, in the cells of a grid: at least 8 x 8 pixels each, at most 32 a side.
struct PictureLayout {
  enum Value { red, green, blue, detail };  // means of a channel; how much neighbours in a row differ, in levels

  int width = 0, height = 0;                     // of the picture, in pixels
  int columns = 0, rows = 0;                     // of cells; none of a picture with less than 4 a side
  std::array<std::vector<float>, 4> cells = {};  // by Value, row by row
  std::vector<float> detail_down = {};           // of cells: how much neighbours in a column differ, in levels
  /// By how many levels a line of pixels is above the mean of the two beside it, the outermost above the next, in each
  /// quarter of its half (or below; else 0): columns of the upper half, then of the lower one; rows of the left half,
  /// then of the right one.
  std::vector<float> lines = {};
  /// How far a colour goes on from a corner along one of its two sides, whichever is more, as a share of that side:
  /// left and right at the top, left and right at the bottom.
  std::array<float, 4> corners = {};

  /// The mean of the channels of each cell.
  std::vector<double> gray() const;
};
/// Of an RGB image.
PictureLayout layout_of(const Image& image);

/// Whether both are of one size and have cells.
bool are_comparable(const PictureLayout& a, const PictureLayout& b);

/// Where the part lies that stands out of the background at the borders, by its contrast: the centre, as shares of the
/// width and the height, and how far it goes from there (the root mean square), as a share of the longer side. `found`
/// is false of a picture without any.
struct PartPose {
  bool found = false;
  double x = 0, y = 0, radius = 0;
};
/// Of the picture of this layout, whose cells have these means.
PartPose pose_of(const std::vector<double>& gray, const PictureLayout& layout);

}  // namespace iuf
