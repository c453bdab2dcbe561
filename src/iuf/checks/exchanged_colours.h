#pragma once

#include <array>
#include <string>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

struct PictureUse;

/// By how many levels red is above blue, in each of 8 x 8 parts of a picture.
using RedOverBlue = std::array<float, 64>;
/// Of an RGB image of 8 x 8 pixels or more; zeros of smaller ones.
RedOverBlue red_over_blue(const Image& image);

/// Which test images have red and blue exchanged against those to learn from (a library that stores BGR): nine tenths
/// of the normal or of the defective ones that were looked at, at least 3, whose red and blue fit those of the images
/// to learn from by far better exchanged. A sentence; empty where these are gray or of many colours.
std::string exchanged_colours(const std::vector<PictureUse>& uses);

}  // namespace iuf
