#pragma once

#include <string>

#include "iuf/data/dataset.h"

namespace iuf {

/// Whether the object's normal and defective test images hardly have a size (in pixels, however turned) or a format in
/// common, so that another camera, not the defect, may be what figures show: in one sentence; empty where not. Where
/// sizes differ from image to image, only formats tell. Reads the headers of the files; those that cannot be read are
/// left out.
std::string different_conditions(const Dataset& data, const std::string& object);

}  // namespace iuf
