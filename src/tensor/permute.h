#pragma once

#include <span>

#include "tensor/tensor.h"

namespace iuf::kernel {

/// Axis i of the result is axis order[i] of x.
Tensor permute(const Tensor& x, std::span<const int> order);
/// The slow twin, element by element.
Tensor permute_naive(const Tensor& x, std::span<const int> order);
/// Joins tensors along an axis; all other axes are equal.
Tensor concat(std::span<const Tensor> parts, int axis);
/// Entries [start, start + count) of an axis; along the first axis the same storage.
Tensor slice(const Tensor& x, int axis, int64_t start, int64_t count);
/// Non-overlapping size x size patches of B x H x W x C: B x (H/size) x (W/size) x (C * size * size), channel-major as
/// a flattened convolution kernel C x size x size. As in a convolution of that stride, a rest at the right and below is
/// left out.
Tensor patches(const Tensor& image, int64_t size);

}  // namespace iuf::kernel
