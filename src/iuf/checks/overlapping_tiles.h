#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "iuf/image/image.h"

// Pictures cut out of one photograph that overlap: the same pixels, at other places.
namespace iuf {

struct PictureUse;

/// Short pieces of a picture's rows, about a thousand, chosen by what they show and not by where they lie: what two
/// pictures share has the same pieces in both. Pieces without structure, and those that come again in the picture, are
/// left out.
struct PicturePieces {
  struct Piece {
    uint64_t hash = 0;
    int x = 0, y = 0;  // of its first pixel
  };
  int width = 0, height = 0;
  uint64_t every = 1;  // the share that is taken is 1 / every, a power of 2
  std::vector<Piece> pieces = {};
};
/// Of an RGB image.
PicturePieces pieces_of(const Image& image);

/// Two pictures that share a rectangle of pixels, a tenth of the smaller one or more, with structure in at least four
/// fifths of it, at different places in both.
struct Overlap {
  size_t first = 0, second = 0;  // first < second
};
/// Of all pairs. What more than 24 pictures have is no part of a photograph but a pattern.
std::vector<Overlap> overlaps_among(const std::vector<PicturePieces>& pictures);

/// How many images overlap others to learn from, by use, with the first pair: a sentence; empty for less than 3. Looks
/// at up to 1000 images of each use where two of those that were looked at overlap.
std::string overlapping_tiles(const std::vector<PictureUse>& uses);

}  // namespace iuf
