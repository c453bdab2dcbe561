#pragma once

#include <array>
#include <cstddef>
#include <utility>

// The eight positions into which a square picture can be turned and mirrored; of another picture the first four keep
// its size.
namespace iuf {

inline constexpr size_t kPositions = 8, kPositionsOfAny = 4;

/// Where the place (x, y) of columns x rows is in a position, row by row. Bits of a position: mirrored left to right,
/// top to bottom, rows and columns exchanged.
inline size_t place_in(size_t x, size_t y, size_t columns, size_t rows, size_t position) {
  if (position & 4U) std::swap(x, y);
  if (position & 1U) x = columns - 1 - x;
  if (position & 2U) y = rows - 1 - y;
  return y * columns + x;
}

/// "turned by 180 degrees"; empty of the first one, which leaves all as it is.
inline constexpr std::array<const char*, kPositions> kPositionNames = {"",
                                                                       "mirrored left to right",
                                                                       "mirrored top to bottom",
                                                                       "turned by 180 degrees",
                                                                       "with rows and columns exchanged",
                                                                       "turned by 90 degrees",
                                                                       "turned by 90 degrees",
                                                                       "turned by 90 degrees and mirrored"};

}  // namespace iuf
