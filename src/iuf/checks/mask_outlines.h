#pragma once

#include <string>

#include "iuf/data/dataset.h"
#include "iuf/image/image.h"

// Masks of which only the outlines of the defects are drawn.
namespace iuf {

/// Whether what a mask (255 where the defect is) marks is closed lines of at most 5 pixels (of large masks, 1/150 of
/// the longer side) around areas that are not marked, which together are as large as the lines at least by half.
bool is_outline(const Image& mask);

/// "12 of 16 masks are outlines ...", where most of an object's masks are, at least 3; otherwise empty. Looks at 32 of
/// them, and at all where most of these are. What cannot be read is left out.
std::string outline_masks(const Dataset& data, const std::string& object);

}  // namespace iuf
