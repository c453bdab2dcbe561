#pragma once

#include <string>
#include <vector>

#include "iuf/checks/picture_uses.h"

namespace iuf {

/// A sentence where all defective test images, at least 5, are darker or brighter, softer or sharper than every normal
/// one, to learn from or to test, at least 8, and clearly so: photographs of another session, which figures tell apart.
/// A defect does not count as far as it covers less than half of the picture. Empty otherwise.
std::string other_session(const std::vector<PictureUse>& uses);

}  // namespace iuf
