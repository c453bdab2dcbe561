#pragma once

#include "iuf/image/image_formats.h"

namespace iuf {

/// Of a decoded image of 16 bits that was written with the other byte order: how many times less neighbouring pixels
/// differ when its values are read the other way round; 0 for any other. In a photograph the low byte is the restless
/// one. Where it takes hardly any values (8 bits as high bytes) nothing can be told.
double exchanged_bytes(const Raster& raster);

}  // namespace iuf
