#pragma once

#include <cstddef>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

/// A gray or RGB image as baseline JPEG, `quality` 1 to 100; colours are stored at half the size. For previews: what
/// must be exact is a PNG.
std::vector<std::byte> encode_jpeg(const Image& image, int quality);

}  // namespace iuf
