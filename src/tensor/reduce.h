#pragma once

#include "tensor/tensor.h"

namespace iuf::kernel {

/// All sums run over fixed blocks: equal for every thread count.
double sum(const Tensor& x);
double sum_of_squares(const Tensor& x);
double sum_of_squared_differences(const Tensor& x, const Tensor& y);
/// Sum over one axis, which disappears.
Tensor sum_axis(const Tensor& x, int axis);
/// Column sums of x seen as rows x C: C values.
Tensor column_sum(const Tensor& x);

}  // namespace iuf::kernel
