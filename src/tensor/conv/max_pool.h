#pragma once

#include "tensor/conv/options.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// The largest value of each window of size x size. x: B x H x W x C.
Tensor max_pool(const Tensor& x, int64_t size, const ConvOptions& options);
/// The slow twin, value by value.
Tensor max_pool_naive(const Tensor& x, int64_t size, const ConvOptions& options);
/// The gradient goes to the first largest value of a window, row by row.
Tensor max_pool_backward(const Tensor& dy, const Tensor& x, const Tensor& y, int64_t size, const ConvOptions& options);

}  // namespace iuf::kernel
