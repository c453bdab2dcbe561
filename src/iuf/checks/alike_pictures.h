#pragma once

#include <string>
#include <vector>

#include "iuf/checks/picture_uses.h"

// Pictures that are more alike than those of different parts can be.
namespace iuf {

/// How many images to learn from differ from another one of these, how many normal test images from one to learn from,
/// and how many test images of a label from another one of these, by no more than the noise of their pixels: frames of
/// one part by a still camera. In a sentence with the first pair; empty unless half of them do. Images that are exactly
/// equal are copies, which is told elsewhere.
std::string still_frames(const std::vector<PictureUse>& uses);

/// Where a rectangle of at least an eighth of the picture is exactly the same in all normal images, at least 3 that
/// differ, and another one in at least half of the defective ones, such as the half of a side-by-side pair in which a
/// mask is shown: a sentence; otherwise empty.
std::string constant_part(const std::vector<PictureUse>& uses);

}  // namespace iuf
