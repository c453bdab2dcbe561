#pragma once

#include <string>
#include <vector>

#include "iuf/image/image_formats.h"

namespace iuf {

/// The values of a mask's pixels, of a PNG, that are classes of their own: the ground (black) is none. A value is one
/// where it fills areas; but one between two others, along whose border alone it lies, is a soft edge, and values that
/// differ by less than a sixteenth of the highest are one. "1" for gray, "#ff0000" for a colour; lowest first.
std::vector<std::string> classes_of(const Raster& raster);

}  // namespace iuf
