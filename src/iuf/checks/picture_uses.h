#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/checks/drawn_marks.h"
#include "iuf/checks/exchanged_colours.h"
#include "iuf/checks/frozen_frames.h"
#include "iuf/checks/overlapping_tiles.h"
#include "iuf/checks/picture_layout.h"
#include "iuf/checks/scene.h"
#include "iuf/data/dataset.h"
#include "iuf/settings/features.h"

namespace iuf {

/// What tells how a picture was made, not what it shows.
struct PictureTraces {
  FrameTiles tiles = {};
  PicturePieces pieces = {};
  RedOverBlue red_over_blue = {};
  double block_edges = 1;
  PictureLayout layout = {};
};

/// The images of an object for one use, with what was seen of those that were looked at.
struct PictureUse {
  std::string name = {};  // "images to learn from"
  bool train = false, defect = false;
  ValueWindow window = {};                                // in which 16-bit images are looked at
  std::vector<const Sample*> samples = {};                // of the data set
  std::vector<std::optional<VividHues>> hues = {};        // of each sample, where it was looked at
  std::vector<std::optional<Scene>> scenes = {};          // the same, of the first look alone
  std::vector<std::optional<PictureTraces>> traces = {};  // as scenes
};

/// Those of which there are images, of each at most 32 looked at, of 16 bits in the window that these need (window_of).
/// What cannot be read is left out.
std::vector<PictureUse> picture_uses(const Dataset& data, const std::string& object);

/// An image, of 16 bits in this window.
Image read_image(const std::filesystem::path& file, const ValueWindow& window);

}  // namespace iuf
