#pragma once

#include <cstdint>

#include "tensor/real.h"

namespace iuf::kernel {

/// Leaf kernels: plain loops over n values on one thread, vectorised. Each is written once, here; kernels that are
/// parallel or know of shapes call them. y may be x.

/// y += x
void add_row(real* y, const real* x, int64_t n);
/// y += factor * x
void add_scaled_row(real* y, real factor, const real* x, int64_t n);
/// y = factor * x
void scale_row(const real* x, real factor, real* y, int64_t n);

/// Sums in double, in the order that vectors give.
double sum_row(const real* x, int64_t n);
double sum_of_squares_row(const real* x, int64_t n);
double squared_difference_row(const real* x, const real* y, int64_t n);

/// Sums in `real`, for distances that are only compared with each other: |x|^2 and |x - y|^2.
real squared_norm(const real* x, int64_t n);
real squared_distance(const real* x, const real* y, int64_t n);

}  // namespace iuf::kernel
