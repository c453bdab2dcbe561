#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "iuf/data/image.h"

namespace iuf {

using Colour = std::array<uint8_t, 3>;

/// The ramp from low (blue) over green and yellow to high (red) as equally spaced colours, linear in between.
std::span<const Colour> colour_ramp();

/// An anomaly map (height x width, row-major) as an RGB image of its own size. Values up to `low` are blue, from `high`
/// on red; NaN is mid-gray. Where `low` is not below `high` (a constant map) everything up to `high` is blue, the rest
/// red.
Image colour_map(std::span<const float> map, int width, int height, float low, float high);

/// `input` (gray or RGB) with the coloured map laid over it: (1 - alpha) * input + alpha * colour, at the input's size.
/// The map is stretched bilinearly (pixel centres aligned, as images are resized); where it is NaN the input shows.
Image overlay(const Image& input, std::span<const float> map, int map_width, int map_height, float low, float high,
              float alpha = 0.5f);

/// `image` (gray becomes RGB) with the inner border of the mask's regions drawn on it, wider on larger images. A mask
/// of another size is stretched (nearest). Any value above 0 belongs to a region; the image's edge ends a region.
Image outline_mask(const Image& image, const Image& mask, Colour colour = {255, 255, 255});

}  // namespace iuf
