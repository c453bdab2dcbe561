#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "iuf/image/image.h"

namespace iuf::bench {

/// What a camera sees where no part is.
struct MissingFrame {
  std::string kind;  // of missing_kinds()
  Image image;
};
const std::vector<std::string>& missing_kinds();

/// Of each of these photographs of a product (RGB) the strips along its four borders, a twelfth of it wide, mirrored
/// over the whole picture: the background without the part, where the part does not fill the picture. Then, of the
/// first one's size, and once for them all: flat frames (seven grays, the photographs' mean colour), noise (uniform and
/// normal around gray and around the mean colour, of several strengths, alike and different in the three channels,
/// pixel by pixel and in blocks), black and white frames (exact, and with a sensor's noise).
std::vector<MissingFrame> missing_frames(const std::vector<Image>& photographs, uint64_t seed);

}  // namespace iuf::bench
