#pragma once

#include "tensor/gemm/gemm.h"
#include "tensor/random.h"

namespace iuf {

/// Values in [low, high), the same for the same stream.
inline Tensor random_tensor(const Shape& shape, uint64_t stream, real low = -1, real high = 1) {
  Tensor x(shape);
  fill_uniform(x, low, high, stream);
  return x;
}

/// Of a tensor of rank 2.
inline kernel::MatrixView view(const Tensor& x) {
  return {x.data(), x.dim(0), x.dim(1), x.dim(1)};
}

}  // namespace iuf
