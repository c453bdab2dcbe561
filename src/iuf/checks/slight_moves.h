#pragma once

#include <vector>

namespace iuf {

/// How a picture lies against the usual one, for moves of up to about two cells and turns of up to 15 degrees.
struct SlightMove {
  double turn = 0;  // degrees, clockwise
  double lens = 0;  // by what share of their distance from the centre the corners lie further out; the middle does not
};
/// Of the means of a picture's cells, row by row, against the usual ones: a least-squares fit, together with the light,
/// a shift and a zoom, for which the twentieth of the cells that fits worst, such as a defect, does not count. Zero
/// where the two have little in common, or more than that lies between them.
SlightMove slight_move(const std::vector<double>& cells, const std::vector<double>& usual, int columns);

}  // namespace iuf
