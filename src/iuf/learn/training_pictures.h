#pragma once

#include <string>
#include <vector>

#include "iuf/features/features.h"
#include "iuf/settings/settings.h"

namespace iuf {

/// Fixes the window of 16-bit images, where it is `auto` still, by these normal images (see window_of()); without such
/// images it stays open. What was chosen is noted.
void decide_window(Settings& settings, const std::vector<std::string>& files, const Progress& progress);

/// Refuses an object whose normal images, of which these facts were read, are in part masks, and images with more
/// values beyond the window than hot pixels can be, naming the file; remarks on what is otherwise unusual.
void check_training_pictures(const std::string& object, const std::vector<std::string>& files,
                             const std::vector<ImageFacts>& facts, const std::optional<ValueWindow>& window,
                             const Progress& progress);

}  // namespace iuf
