#pragma once

#include "tensor/blas.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// Y += op(A) B on matrices, in one product: Y is M x N, op(A) M x K, B K x N. Errors name all three shapes.
void add_matmul(Tensor& y, const Tensor& a, const Tensor& b, Trans trans_a = Trans::no);

}  // namespace iuf::kernel
