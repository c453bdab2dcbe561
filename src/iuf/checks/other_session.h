#pragma once

#include <string>
#include <vector>

#include "iuf/checks/picture_uses.h"

namespace iuf {

/// A sentence where defective test images were clearly taken otherwise than normal ones: photographs of another
/// session, which figures tell apart. Four fifths of the defective ones, at least 5, or all of a kind, at least 5, are
/// beyond every normal one, to learn from or to test, at least 8, or of 20 or more beyond all but one in twenty: in
/// light, shadows, colour, sharpness, noise, rows, how many levels they use, a slight turn or the lens
/// (picture_signals.h). Where none are, the same of normal test images against those to learn from. Empty otherwise.
std::string other_session(const std::vector<PictureUse>& uses);

}  // namespace iuf
