#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "iuf/checks/scene.h"

// A belt that stands still, or a trigger that fires again and again: the pictures are of one part, and the others pass
// unseen.
namespace iuf {

/// Means of 16 x 16 equal parts of an RGB image, of at most 8 x 8 of the pixels of each: cheap to keep of every
/// picture. None of one with less than 16 pixels a side.
std::vector<float> coarse_view(const Image& image);
/// Whether two such views may be of one part: they differ by 1 level at most, root mean square, a change of the light
/// aside. Noise of 8 levels a pixel is within.
bool are_near(const std::vector<float>& a, const std::vector<float>& b);
/// Whether two pictures differ by no more than the noise of their pixels, a change of the light aside.
bool are_of_one_part(const Scene& a, const Scene& b);

/// Pictures that come one by one.
class StillPart {
 public:
  static constexpr size_t kInARow = 8;  // pictures of one part

  /// Whether this one is the last of so many in a row of one part; once for each such row.
  bool take(const Image& image);

 private:
  std::vector<float> view_ = {};     // of the one before
  std::optional<Scene> scene_ = {};  // the same, where it was near the one before it
  size_t in_a_row_ = 1;
};

}  // namespace iuf
