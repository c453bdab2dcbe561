#pragma once

#include <string>
#include <vector>

#include "iuf/checks/picture_layout.h"
#include "iuf/checks/scene.h"

namespace iuf {

/// What was seen of one picture; all of one size, with cells.
struct TakenPicture {
  const Scene* scene;
  const PictureLayout* layout;
};

/// What tells how pictures were taken, in a number each.
struct PictureSignal {
  enum Of { light, colour, sharpness, rows, levels, place };

  Of of;                                         // signals of the same say the same in another way
  const char *less, *more;                       // what a lower and a higher one is: "darker", "brighter"
  double least;                                  // by which labels must be apart
  double of_spread;                              // the same, as a share of what normal ones differ by
  std::string (*text_of)(double gap) = nullptr;  // " (by 12 % or more)", of a gap above 0 for more
  std::vector<double> normal = {}, others = {};
};

/// Of normal pictures, at least one, and of others, by what the normal ones usually are at each place: a defect counts
/// for nothing as long as it covers less than half of a picture, and, of slight moves, as long as it covers few cells.
std::vector<PictureSignal> picture_signals(const std::vector<TakenPicture>& normal,
                                           const std::vector<TakenPicture>& others);

}  // namespace iuf
