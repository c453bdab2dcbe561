#pragma once

#include <array>
#include <cstdint>

#include "iuf/image/image.h"

// A camera that shows the same frame for ever, while a clock or a counter drawn into it runs on.
namespace iuf {

/// Hashes of the pixels of 8 x 8 tiles of a picture; 0 of a tile without structure, such as an empty background.
using FrameTiles = std::array<uint64_t, 64>;

/// Of an RGB image. All 0 where it is smaller than 64 x 64.
FrameTiles frame_tiles(const Image& image);

/// Whether all but at most a quarter of the tiles are exactly the same, eight of them with structure: live cameras have
/// noise in every tile.
bool is_same_frame(const FrameTiles& a, const FrameTiles& b);

}  // namespace iuf
