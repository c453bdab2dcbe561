#pragma once

#include <cstddef>
#include <span>

#include "iuf/image/image.h"

namespace iuf {

/// How a photograph must be turned to stand upright, as the camera noted: 1 to 8, the values of Exif's tag 0x0112
/// (Exif 2.32, 4.6.4), from the Exif segment (APP1) of a JPEG, the eXIf chunk of a PNG, the EXIF chunk of a WebP or the
/// first directory of a TIFF. 1, as it is stored, where there is none, and where it is damaged: it is never worth an
/// error.
int noted_orientation(std::span<const std::byte> file);

/// The image turned, so that one stored with this orientation stands upright; from 5 on its sides are exchanged.
Image turned(Image image, int orientation);

}  // namespace iuf
