#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "iuf/image/photograph.h"

// The same photograph in two files whose pixels differ by compression alone: a defect that was saved as a JPEG among
// the normal images. Equal pixels are told elsewhere (copies.h).
namespace iuf {

/// A gray photograph of one picture.
struct GrayPicture {
  int width = 0, height = 0;
  std::vector<float> pixels = {};
};
GrayPicture gray_of(const Image& image);

/// Whether two pictures of one size differ by no more than compression does (a JPEG of quality 50 or more), everywhere:
/// nine tenths of their means of 4 x 4 pixels by at most 3 levels, and none by over 12 or 5.5 times as much. Where both
/// have the noise of a camera, it must be the same noise.
bool differ_by_compression(const GrayPicture& a, const GrayPicture& b);
/// The same of all but a small part, where something was drawn in: nine tenths of the means of 4 x 4 pixels differ by
/// at most 3 levels, some by more than compression does, and what noise both have is the same.
bool differ_by_a_part(const GrayPicture& a, const GrayPicture& b);
/// The largest difference of means of 4 x 4 pixels, in levels, a difference of the light aside; of pictures of one
/// size.
double largest_difference(const GrayPicture& a, const GrayPicture& b);

/// A test image that is a training image but for compression, by their places among the files.
struct NearCopy {
  size_t test = 0, learned = 0;
};
/// Frames of a still camera are alike, too: a pair counts where the test image differs from other training images, by
/// the median of up to 8 (at least 3), by 6 levels and 3 times as much as from its copy, so that what makes it another
/// picture, such as its defect, is in the copy. Equal pictures and what cannot be read are left out.
std::vector<NearCopy> near_copies(const std::vector<std::string>& tests, const std::vector<std::string>& learned,
                                  const PhotoReading& reading);

}  // namespace iuf
