#include "tensor/softmax.h"

#include <algorithm>
#include <cmath>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

constexpr int64_t kRows = 16;  // a block of one thread

IUF_SIMD void softmax_row(const real* x, real* y, int64_t n) {
  const real inverse = 1 / simd::exponentials<simd::exp>(x, y, n).sum;
  for (int64_t i = 0; i < n; ++i) y[i] *= inverse;
}

IUF_SIMD void softmax_backward_row(const real* y, const real* dy, real* dx, int64_t n) {
  real dot = 0;
#pragma omp simd reduction(+ : dot)
  for (int64_t i = 0; i < n; ++i) dot += y[i] * dy[i];
  for (int64_t i = 0; i < n; ++i) dx[i] = y[i] * (dy[i] - dot);
}

}  // namespace

Tensor softmax(const Tensor& x) {
  if (x.rank() < 1 || x.dim(-1) < 1) fail("softmax: ", x.shape(), " has no last axis with elements");
  const int64_t n = x.dim(-1);
  Tensor y(x.shape());
  parallel_for(x.size() / n, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) softmax_row(x.data() + r * n, y.data() + r * n, n);
  });
  return y;
}

Tensor softmax_naive(const Tensor& x) {
  const int64_t n = x.dim(-1);
  Tensor y(x.shape());
  for (int64_t r = 0; r < x.size() / n; ++r) {
    const real* in = x.data() + r * n;
    const double top = static_cast<double>(*std::max_element(in, in + n));
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(in[i]) - top);
    for (int64_t i = 0; i < n; ++i)
      y.data()[r * n + i] = static_cast<real>(std::exp(static_cast<double>(in[i]) - top) / sum);
  }
  return y;
}

Tensor softmax_backward(const Tensor& y, const Tensor& dy) {
  const int64_t n = y.dim(-1);
  Tensor dx(y.shape());
  parallel_for(y.size() / n, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      softmax_backward_row(y.data() + r * n, dy.data() + r * n, dx.data() + r * n, n);
  });
  return dx;
}

}  // namespace iuf::kernel
