#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "iuf/checks/frozen_frames.h"
#include "iuf/checks/picture_uses.h"

// Frames that a camera or its driver delivered in part: the rest is still that of another frame, bit for bit.
namespace iuf {

/// Of pictures in the order in which they came, those of which an eighth or more, at one side, is exactly that of an
/// earlier one of the 16 before it, and the rest is another picture: the places of both. Only tiles with structure
/// tell. What more than 3 of its neighbours have, or half of them, is no part of a frame but a background that never
/// changes.
std::vector<std::pair<size_t, size_t>> torn_frames(const std::vector<FrameTiles>& pictures);

/// The same, picture by picture.
class TornFrames {
 public:
  /// Whether this one is torn; it is one of the earlier ones from now on.
  bool take(const FrameTiles& picture);

 private:
  std::deque<FrameTiles> before_ = {};
};

/// What a torn frame is, behind how many there are.
constexpr const char* kTornFrame = "exactly that of another one (a camera or a driver that delivers half a frame?)";

/// Of each use, how many images are torn and the first: a sentence, empty without any. Looks at 32 images of each use
/// and those right before them, and at all, up to 1000, where one of these is torn.
std::string torn_images(const std::vector<PictureUse>& uses);

}  // namespace iuf
