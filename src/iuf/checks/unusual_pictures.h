#pragma once

#include <string>

#include "iuf/checks/findings.h"
#include "iuf/features/features.h"

namespace iuf {

/// Adds what is unusual about a picture that is judged, whatever product it shows: nearly constant, like a mask,
/// not fit for the window (which is none where a model knows no 16-bit images yet), one of several in its file, or
/// transparent.
void find_unusual(const PictureFacts& picture, const std::optional<ValueWindow>& window, size_t number,
                  const std::string& file, Findings& findings);

}  // namespace iuf
