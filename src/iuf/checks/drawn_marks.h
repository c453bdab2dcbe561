#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "iuf/image/image.h"

// What an inspection machine draws into pictures around its findings: boxes, lines and text of one vivid colour.
namespace iuf {

/// The pixels of one hue in which the highest channel stands far above the lowest.
struct VividPixels {
  int64_t count = 0;       // whose channels differ by at least 100 levels
  int64_t pure = 0;        // whose channels are all 0 or 255
  uint32_t colour = 0;     // the pure one, or of the others the most frequent, as 0xRRGGBB
  bool drawn = false;      // many have exactly that colour, as lines have it and no photographed surface
  bool thin = false;       // they lie in lines, not in areas, whatever their colours
  int highest_spread = 0;  // of any pixel of the hue, in levels
};
/// By the channels that are high, 4 for red, 2 for green and 1 for blue: 6 is yellow. 0 and 7 stay empty.
using VividHues = std::array<VividPixels, 8>;
VividHues vivid_hues(const Image& rgb);

/// "pure red (255,0,0)" or "one red (230,30,40)" of the first hue that is drawn; empty for none.
std::string drawn_colour(const VividHues& hues);

struct PictureUse;
/// Which images of an object have drawn-in marks in a colour that images of another use have not (to learn from, normal
/// and defective to test), or that few of them have: how many, and the first, in one sentence; empty for none. Where
/// some of those that were looked at may have marks, it looks at all. What cannot be read is left out.
std::string drawn_marks(std::vector<PictureUse>& uses);

}  // namespace iuf
