#pragma once

#include "tensor/activation.h"
#include "tensor/simd.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// Broadcasting arithmetic (NumPy's rule).
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
/// factor * x
Tensor scale(const Tensor& x, real factor);
/// y += factor * x for equal shapes, in place.
void add_scaled(Tensor& y, real factor, const Tensor& x);
/// Sums over the axes along which `shape` was broadcast to x's shape.
Tensor sum_to(const Tensor& x, const Shape& shape);
Tensor broadcast_to(const Tensor& x, const Shape& shape);

/// y = f(x); gelu is the exact one (erf).
Tensor activate(Activation kind, const Tensor& x);
/// dx from x and dy.
Tensor activate_backward(Activation kind, const Tensor& x, const Tensor& dy);
/// Of relu and the dropout behind it, from their result: dy * factor where y is positive, else 0.
Tensor positive_backward(const Tensor& y, const Tensor& dy, real factor);
/// The same for n values on the calling thread, in place of dy.
void positive_backward_in_place(const real* y, real factor, real* dy, int64_t n);

/// A dropout that belongs to another operation; a rate of 0 is none.
struct Dropout {
  real rate = 0;
  uint64_t stream = 0;
};
/// For kernels that apply it to rows still in cache. The rate is rounded to a multiple of 2^-16.
simd::DropoutRow dropout_row(const Dropout& dropout);
/// Inverted dropout: an element survives with probability 1 - rate, scaled by 1 / (1 - rate). The mask is a pure
/// function of (stream, index), so the backward pass is the same call on dy and nothing is stored.
Tensor dropout(const Tensor& x, real rate, uint64_t stream);
/// The same in place for n values on the calling thread. offset: the index of x[0] in the tensor that is dropped.
void dropout_in_place(real* x, int64_t n, const simd::DropoutRow& row, uint32_t offset);

bool all_finite(const Tensor& x);

}  // namespace iuf::kernel
