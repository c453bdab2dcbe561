#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/features.h"
#include "iuf/features/progress.h"
#include "iuf/image/ignored_region.h"

namespace iuf {

/// The masks of what is ignored, by object: one file is that of every object; of a folder, OBJECT.png (or another kind
/// of image) is that of the object, and objects without a file ignore nothing. Errors: a file of the folder that is
/// called as no object, two of one object, and none at all.
std::map<std::string, IgnoreMask> read_ignore_masks(const std::filesystem::path& given,
                                                    const std::vector<std::string>& objects);
/// That of one object, from a file or a folder that may hold others', too; none where nothing is given.
std::optional<IgnoreMask> read_ignore_mask(const std::optional<std::filesystem::path>& given,
                                           const std::string& object);

/// Throws Error where a mask does not fit a normal image to learn from of its object (IgnoreMask::require_fit).
void require_masks_fit(const std::map<std::string, IgnoreMask>& masks, const Dataset& data, const FeatureCache& cache,
                       const Progress& progress);

}  // namespace iuf
