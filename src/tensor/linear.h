#pragma once

#include "tensor/elementwise.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// y = dropout(f(x W^T + b)). x: ... x K, W: N x K, b: N or undefined, y: ... x N. Bias, activation and dropout are applied
/// while a block of rows is still in cache.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation = Activation::none, const Dropout& dropped = {});
/// dx = dy W
Tensor linear_backward_input(const Tensor& dy, const Tensor& weight);
/// dW = dy^T x; `dbias`, if any, receives the sums of dy over its rows.
Tensor linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor* dbias = nullptr);

/// C = A B with the leading axes of both alike (or B without them): ... x M x K times ... x K x N.
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

}  // namespace iuf::kernel
