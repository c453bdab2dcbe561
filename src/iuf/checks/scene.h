#pragma once

#include <cstdint>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

/// What tells whether two pictures show the same: a coarse view, in which a camera's noise averages out, with the noise
/// itself and what is exactly equal. Cells are at least 8 x 8 pixels, at most 32 a side.
struct Scene {
  static constexpr size_t kView = 32;
  int width = 0, height = 0;         // of the picture, in pixels
  int columns = 0, rows = 0;         // of cells; none of a picture with less than 4 a side
  std::vector<float> means = {};     // of each cell, in levels of gray
  std::vector<uint64_t> cells = {};  // hashes of the pixels of each
  std::vector<uint16_t> lines = {};  // some of its rows of pixels, each the sum of the channels
  int line_length = 0;
  std::vector<float> view = {};  // view_of() the picture
};

/// Of an RGB image.
Scene scene_of(const Image& image);
/// Means of Scene::kView x kView equal parts of an RGB image, in levels of gray, which turn and are mirrored with it;
/// none of one with less pixels a side.
std::vector<float> view_of(const Image& image);

/// Whether both are of one size and have cells.
bool are_comparable(const Scene& a, const Scene& b);
/// Root mean square of the differences of the cells, in levels, the mean difference (of the light) taken off.
double distance(const Scene& a, const Scene& b);
/// The same of means of as many cells.
double distance(const std::vector<float>& a, const std::vector<float>& b);
/// The largest distance() that noise explains, of up to 8 levels for each pixel, as far as it is seen in the pixels of
/// both; in a JPEG, too.
double distance_by_noise(const Scene& a, const Scene& b);

}  // namespace iuf
