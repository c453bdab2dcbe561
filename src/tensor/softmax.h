#pragma once

#include "tensor/tensor.h"

namespace iuf::kernel {

/// exp(x) / sum exp(x) over the last axis; elements of -inf become 0, a row of nothing else NaN.
Tensor softmax(const Tensor& x);
/// The slow twin, in double.
Tensor softmax_naive(const Tensor& x);
/// dx from y = softmax(x) and dy: y * (dy - sum(y * dy)).
Tensor softmax_backward(const Tensor& y, const Tensor& dy);

}  // namespace iuf::kernel
