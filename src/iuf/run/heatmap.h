#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "iuf/image/ignored_region.h"
#include "iuf/image/image.h"

namespace iuf {

using Colour = std::array<uint8_t, 3>;

/// The ramp from low (blue) over green and yellow to high (red) as equally spaced colours, linear in between.
std::span<const Colour> colour_ramp();

/// `input` (gray or RGB) with a coloured anomaly map (map_height x map_width, row-major) laid over it:
/// (1 - alpha) * input + alpha * colour, RGB at the input's size. The map is stretched bilinearly (pixel centres
/// aligned, as images are resized). Values up to `low` are blue, from `high` on red; where one is NaN the input shows,
/// as it does everywhere where an end of the scale is NaN. Where `low` is not below `high` (a constant map) everything
/// up to `high` is blue, the rest red.
Image overlay(const Image& input, std::span<const float> map, int map_width, int map_height, float low, float high,
              float alpha = 0.5f);

/// Shows in a heatmap what was ignored: its photograph without a colour, hatched. Both have the same size, the
/// photograph is gray or RGB.
void hatch_ignored(Image& heatmap, const Image& photograph, const IgnoredRegion& ignored);

}  // namespace iuf
