#pragma once

#include <string>

#include "iuf/data/dataset.h"

namespace iuf {

/// Whether the object's normal and defective test images hardly have a size (in pixels, however turned) or a format in
/// common, so that another camera, not the defect, may be what figures show: in one sentence; empty where not. Where
/// sizes differ from image to image, only formats tell. Reads the headers of the files; those that cannot be read are
/// left out.
std::string different_conditions(const Dataset& data, const std::string& object);
/// Whether test images are of another aspect ratio (outside those of the training images by over 5 %) or, failing that,
/// of another size (the longer side, by over 10 %) than the object's training images, however turned: how many and the
/// first, in one sentence; empty where not.
std::string different_sizes(const Dataset& data, const std::string& object);

}  // namespace iuf
