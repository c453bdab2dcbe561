#pragma once

#include <span>

#include "iuf/settings/features.h"
#include "nn/backbone.h"
#include "tensor/tensor.h"

namespace iuf {

/// A resized RGB image as the networks take it: 1 x height x width x 3, (value - mean) / deviation.
Tensor normalised_image(const BackboneInfo& backbone, std::span<const uint8_t> pixels, int64_t height, int64_t width);

/// The backbone's maps (B x h x w x C each) brought to one grid and joined along the channels: the feature F that is
/// reconstructed, B x grid * grid x sum of C. `corners` samples bilinearly with corners aligned (as published), `area`
/// averages.
Tensor aligned_tokens(std::span<const Tensor> maps, int64_t grid, Align align);

/// The maps of strides 8 and 16 on the grid of the finer one, each position averaged with its neighbours (3 x 3),
/// joined: B x T x C. The features of the local Gaussian.
Tensor local_tokens(const Tensor& stride8, const Tensor& stride16);

}  // namespace iuf
