#pragma once

#include "tensor/tensor.h"
#include "tensor/trans.h"

// Products of matrices that are not packed beforehand, by OpenBLAS.
namespace iuf::kernel {

/// C = op(A) op(B) with the leading axes of both alike (or B without them): ... x M x K times ... x K x N. Errors name
/// both shapes.
Tensor matmul(const Tensor& a, const Tensor& b, Trans trans_a = Trans::no, Trans trans_b = Trans::no);

/// Y += op(A) B on matrices, in one product: Y is M x N, op(A) M x K, B K x N. Errors name all three shapes.
void add_matmul(Tensor& y, const Tensor& a, const Tensor& b, Trans trans_a = Trans::no);

}  // namespace iuf::kernel
