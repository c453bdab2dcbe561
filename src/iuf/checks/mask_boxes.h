#pragma once

#include <string>

#include "iuf/data/dataset.h"
#include "iuf/image/image.h"

namespace iuf {

/// Whether each area of a mask (0 and 255) fills an upright rectangle, the largest one of at least 5 pixels a side.
bool is_of_boxes(const Image& mask);

/// Where the masks of an object's defects are upright boxes, as tools for detection write them, at least 5 and all but
/// one of ten: how many and the first, in a sentence; otherwise empty. It looks at 32, at all where these are so. What
/// cannot be read is left out.
std::string box_masks(const Dataset& data, const std::string& object);

}  // namespace iuf
