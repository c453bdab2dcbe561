#include "tensor/row_kernels.h"

#include "tensor/simd.h"

namespace iuf::kernel {

IUF_SIMD void add_row(real* y, const real* x, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}
IUF_SIMD void add_scaled_row(real* y, real factor, const real* x, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}
IUF_SIMD void scale_row(const real* x, real factor, real* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = factor * x[i];
}

IUF_SIMD double sum_row(const real* x, int64_t n) {
  double s = 0;
#pragma omp simd reduction(+ : s)
  for (int64_t i = 0; i < n; ++i) s += static_cast<double>(x[i]);
  return s;
}
IUF_SIMD double sum_of_squares_row(const real* x, int64_t n) {
  double s = 0;
#pragma omp simd reduction(+ : s)
  for (int64_t i = 0; i < n; ++i) s += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return s;
}
IUF_SIMD double squared_difference_row(const real* x, const real* y, int64_t n) {
  double s = 0;
#pragma omp simd reduction(+ : s)
  for (int64_t i = 0; i < n; ++i) {
    const double d = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    s += d * d;
  }
  return s;
}

IUF_SIMD real squared_norm(const real* x, int64_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
  return sum;
}
IUF_SIMD real squared_distance(const real* x, const real* y, int64_t n) {
  return simd::squared_distance(x, y, n);
}

}  // namespace iuf::kernel
