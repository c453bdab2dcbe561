#pragma once

#include <string>
#include <vector>

#include "iuf/checks/picture_uses.h"

namespace iuf {

/// A sentence where something that is no defect tells all defective test images (at least 5) from every normal one (at
/// least 8, at least 20 together), or else all normal test images from every one to learn from (pictures_apart): with
/// masks, something that these do not mark; without them, and where defects are of one kind, no place of the size of a
/// defect. Empty otherwise. Reads masks where something was found.
std::string labels_apart(const std::vector<PictureUse>& uses);

}  // namespace iuf
