#include "tensor/gemm/packed_matrix.h"

#include <algorithm>
#include <cstring>

#include "tensor/gemm/cpu_level.h"
#include "tensor/gemm/epilogue.h"
#include "tensor/parallel.h"
#include "tensor/row_kernels.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

#define IUF_KERNEL "tensor/gemm/transpose_kernel.h"
#include "tensor/gemm/for_each_cpu_level.h"

// Columns that one thread packs at a time.
int64_t column_block(int64_t rows) {
  return std::max<int64_t>(1, kElementBlock / (std::max<int64_t>(rows, 1) * kPanelWidth)) * kPanelWidth;
}

}  // namespace

void pack(const real* b, int64_t rows, int64_t cols, int64_t ldb, real* packed) {
  for (int64_t c = 0; c < cols; c += kPanelWidth, packed += rows * kPanelWidth) {
    if (const int64_t rest = cols - c; rest < kPanelWidth) {
      std::fill_n(packed, rows * kPanelWidth, real(0));
      for (int64_t r = 0; r < rows; ++r) std::copy_n(b + r * ldb + c, rest, packed + r * kPanelWidth);
    } else {
      for (int64_t r = 0; r < rows; ++r)
        std::memcpy(packed + r * kPanelWidth, b + r * ldb + c, kPanelWidth * sizeof(real));
    }
  }
}

void pack_transposed(const real* b, int64_t rows, int64_t cols, int64_t ldb, real* packed) {
  const CpuLevel level = cpu_level();
  for (int64_t c = 0; c < cols; c += kPanelWidth, packed += rows * kPanelWidth) {
    const real* from = b + c * ldb;
    if (const int64_t rest = cols - c; rest < kPanelWidth) {
      std::fill_n(packed, rows * kPanelWidth, real(0));
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t i = 0; i < rest; ++i) packed[r * kPanelWidth + i] = from[i * ldb + r];
    } else {
      IUF_ON_CPU_LEVEL(level, transpose_panel(from, rows, ldb, packed))
    }
  }
}

PackedMatrix::PackedMatrix(int64_t rows, int64_t cols)
    : rows_(rows), cols_(cols), data_({rows, round_to_panel(cols)}), bias_(Tensor::zeros({round_to_panel(cols)})) {}

void PackedMatrix::pack(const real* b, int64_t ldb) {
  parallel_for(cols_, column_block(rows_), [&](int64_t begin, int64_t end) {
    kernel::pack(b + begin, rows_, end - begin, ldb, data_.data() + begin * rows_);
  });
}

void PackedMatrix::pack_transposed(const real* b, int64_t ldb) {
  parallel_for(cols_, column_block(rows_), [&](int64_t begin, int64_t end) {
    kernel::pack_transposed(b + begin * ldb, rows_, end - begin, ldb, data_.data() + begin * rows_);
  });
}

void PackedMatrix::scale(real factor) {
  scale_row(data_.data(), factor, data_.data(), data_.size());
}

}  // namespace iuf::kernel
