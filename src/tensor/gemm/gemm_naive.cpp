#include "tensor/gemm/gemm.h"

namespace iuf::kernel {

void gemm_naive(const MatrixView& a, const MatrixView& b, const real* bias, real* c, int64_t ldc,
                const GemmOptions& options) {
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t j = 0; j < b.cols; ++j) {
      double sum = bias ? static_cast<double>(bias[j]) : 0;
      for (int64_t k = 0; k < a.cols; ++k) sum += static_cast<double>(a.at(i, k)) * static_cast<double>(b.at(k, j));
      if (options.accumulate == Accumulate::yes) sum += static_cast<double>(c[i * ldc + j]);
      c[i * ldc + j] = static_cast<real>(activation_naive(options.activation, sum));
    }
}

}  // namespace iuf::kernel
