#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/features/features.h"

namespace iuf {

/// How much of what stands out of the background a region ignores, between 0 and 1: of a picture's squared differences
/// from the median colour of its border, beyond four times what the border itself differs by. The border is a thirty-
/// second of the side wide, and what is ignored of it does not count. Absent where most of the border is ignored, as by
/// a mask of the background, and where nothing stands out.
std::optional<double> ignored_part(const ImageFeatures& features, const IgnoredRegion& region);

/// What to say where the region ignores most of the part in at least half of these images, of up to 32 that are looked
/// at: it may be a mask of what is to be learned. Empty otherwise.
std::string ignored_part_text(const std::vector<std::string>& files, const std::vector<ImageFacts>& facts,
                              const FeatureCache& cache, const IgnoredRegion& region);

}  // namespace iuf
