#pragma once

#include <string>

#include "iuf/data/dataset.h"

// Masks that show where the part lies, or that were copied, instead of where its defect is.
namespace iuf {

/// A sentence where an object's masks, at least 3, mark over half of the picture, or are nearly the same in different
/// images (two of them share nine tenths of what either marks), each of most; or else where some are exactly the same
/// in different images, with the first two. Empty otherwise. Looks at 32 masks; what cannot be read is left out.
std::string silhouette_masks(const Dataset& data, const std::string& object);

}  // namespace iuf
