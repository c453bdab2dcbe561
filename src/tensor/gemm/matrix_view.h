#pragma once

#include <cstdint>

#include "tensor/real.h"

namespace iuf::kernel {

/// A matrix in someone else's memory: element (r, c) is data[r * row_stride + c * col_stride].
struct MatrixView {
  const real* data;
  int64_t rows, cols;
  int64_t row_stride, col_stride = 1;

  MatrixView transposed() const { return {data, cols, rows, col_stride, row_stride}; }
  real at(int64_t r, int64_t c) const { return data[r * row_stride + c * col_stride]; }
};

}  // namespace iuf::kernel
