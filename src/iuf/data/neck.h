#pragma once

#include <span>

#include "iuf/settings/features.h"
#include "tensor/tensor.h"

namespace iuf {

/// The backbone's maps (B x h x w x C each) brought to one grid and joined along the channels: the feature F that is
/// reconstructed, B x grid * grid x sum of C. `corners` samples bilinearly with corners aligned (as published), `area`
/// averages.
Tensor aligned_tokens(std::span<const Tensor> maps, int64_t grid, Align align);

/// The maps of strides 8 and 16 on the grid of the finer one, each position averaged with its neighbours (3 x 3),
/// joined: B x T x C. The features of the local Gaussian.
Tensor local_tokens(const Tensor& stride8, const Tensor& stride16);

}  // namespace iuf
