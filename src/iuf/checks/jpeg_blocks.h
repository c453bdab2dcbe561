#pragma once

#include <string>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

struct PictureUse;

/// How much more neighbouring pixels differ from block to block of 8 x 8 pixels, as a JPEG has them, than within: about
/// 1 of a photograph that never was one, 2 and more of one of quality 35. Of an RGB image in its own size; 1 of one
/// with less than 24 pixels a side.
double block_edges(const Image& image);

/// Whether nine tenths of the normal or of the defective test images that were looked at, of 5 or more of each, have
/// such blocks, and the others hardly any: a sentence; empty otherwise.
std::string jpeg_blocks(const std::vector<PictureUse>& uses);

}  // namespace iuf
