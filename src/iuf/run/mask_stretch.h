#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace iuf {

/// An anomaly map and the mask of its photograph, in kSide x kSide cells, row-major.
struct MapAndMask {
  static constexpr size_t kSide = 32;
  std::vector<float> peaks = {};  // of the map: high where few places are higher
  std::vector<float> drawn = {};  // the mask's share in each cell; 1 together
};

/// How the masks of an object fit its maps better than as they are.
struct MaskStretch {
  std::string name = {};         // "stretched to 133 % of their height from the upper edge"
  size_t better = 0, worse = 0;  // images
  double gain = 0;               // of the mean fit to the peaks
};

/// Masks that were drawn on a canvas of other proportions than their photographs', filled up or cropped, and brought to
/// the photographs' size: along one side their content is squeezed to 3/4, 2/3, 9/16 or 1/2, or stretched by as much,
/// from an edge or around the middle, or moved by 1/16 to 1/8, 1/6 or 7/18 (the last two of what 4:3 and 16:9 lack of a
/// square). Of these the one by which the maps of most images fit the places of the masks better, beyond chance (a sign
/// test over the images, for all of these together); absent where none is. Each is compared with the mask squeezed or
/// stretched where it is, so that only places count, not how generously masks are drawn, and beyond what a mask gets
/// from the maps of all images, so that places where maps are always high count for nothing.
std::optional<MaskStretch> stretched_masks(const std::vector<MapAndMask>& pairs);

}  // namespace iuf
