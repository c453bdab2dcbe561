#include "tensor/norm.h"

#include <algorithm>
#include <cmath>

#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

IUF_SIMD void layer_norm_rows(const real* x, const real* gamma, const real* beta, real eps, real* y, real* mean,
                              real* inverse, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    const real* in = x + r * n;
    real* out = y + r * n;
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += in[i];
    const real m = sum / static_cast<real>(n);
    real squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < n; ++i) squares += (in[i] - m) * (in[i] - m);
    const real inv = 1 / std::sqrt(squares / static_cast<real>(n) + eps);
    for (int64_t i = 0; i < n; ++i) out[i] = (in[i] - m) * inv * gamma[i] + beta[i];
    mean[r] = m;
    inverse[r] = inv;
  }
}

IUF_SIMD void layer_norm_backward_rows(const real* dy, const real* x, const real* gamma, const real* mean,
                                       const real* inverse, real* dx, real* dgamma, real* dbeta, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    const real *in = x + r * n, *d = dy + r * n;
    real* out = dx + r * n;
    const real m = mean[r], inv = inverse[r];
    real sum_g = 0, sum_gx = 0;
#pragma omp simd reduction(+ : sum_g, sum_gx)
    for (int64_t i = 0; i < n; ++i) {
      const real g = d[i] * gamma[i];
      sum_g += g;
      sum_gx += g * (in[i] - m);
    }
    const real a = sum_g / static_cast<real>(n), b = sum_gx * inv * inv / static_cast<real>(n);
    for (int64_t i = 0; i < n; ++i) {
      const real centred = in[i] - m;
      out[i] = inv * (d[i] * gamma[i] - a - centred * b);
      dgamma[i] += d[i] * centred * inv;
      dbeta[i] += d[i];
    }
  }
}

IUF_SIMD void add_squared_deviation(const real* x, const real* mean, real* sum, int64_t n) {
  for (int64_t i = 0; i < n; ++i) sum[i] += (x[i] - mean[i]) * (x[i] - mean[i]);
}
IUF_SIMD void normalise_row(const real* x, const real* mean, const real* inverse, const real* gamma, const real* beta,
                            real* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean[i]) * inverse[i] * gamma[i] + beta[i];
}
IUF_SIMD void add_norm_gradients(const real* dy, const real* x, const real* mean, const real* inverse, real* dgamma,
                                 real* dbeta, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    dgamma[i] += dy[i] * (x[i] - mean[i]) * inverse[i];
    dbeta[i] += dy[i];
  }
}
IUF_SIMD void batch_norm_input_gradient(const real* dy, const real* x, const real* mean, const real* inverse,
                                        const real* gamma, const real* dgamma, const real* dbeta, real rows, real* dx,
                                        int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const real normalised = (x[i] - mean[i]) * inverse[i];
    dx[i] = gamma[i] * inverse[i] * (dy[i] - dbeta[i] / rows - normalised * dgamma[i] / rows);
  }
}

int64_t row_block(int64_t columns) { return std::max<int64_t>(16, kElementBlock / std::max<int64_t>(columns, 1)); }

// Sums `width` values per block of rows, then over the blocks in order.
template <class Part>
Tensor sum_over_row_blocks(int64_t rows, int64_t block, int64_t width, Part&& part) {
  const int64_t blocks = std::max<int64_t>(1, (rows + block - 1) / block);
  Tensor parts = Tensor::zeros({blocks, width});
  parallel_for(rows, block, [&](int64_t begin, int64_t end) { part(begin, end, parts.data() + begin / block * width); });
  return column_sum(parts);
}

void check_affine(const char* who, const Tensor& x, const Tensor& gamma, const Tensor& beta) {
  if (x.rank() < 1 || gamma.size() != x.dim(-1) || beta.size() != x.dim(-1))
    fail(who, ": ", x.shape(), " with gamma ", gamma.shape(), " and beta ", beta.shape(), ": the last axis must match");
}

}  // namespace

LayerNorm layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps) {
  check_affine("layer_norm", x, gamma, beta);
  const int64_t n = x.dim(-1), rows = n ? x.size() / n : 0;
  LayerNorm out{Tensor(x.shape()), Tensor({rows}), Tensor({rows})};
  parallel_for(rows, row_block(n), [&](int64_t b, int64_t e) {
    layer_norm_rows(x.data() + b * n, gamma.data(), beta.data(), eps, out.y.data() + b * n, out.mean.data() + b,
                    out.inverse_deviation.data() + b, e - b, n);
  });
  return out;
}

NormGradient layer_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& gamma, const LayerNorm& forward) {
  const int64_t n = x.dim(-1), rows = n ? x.size() / n : 0;
  Tensor dx(x.shape());
  const Tensor sums = sum_over_row_blocks(rows, row_block(n), 2 * n, [&](int64_t b, int64_t e, real* part) {
    layer_norm_backward_rows(dy.data() + b * n, x.data() + b * n, gamma.data(), forward.mean.data() + b,
                             forward.inverse_deviation.data() + b, dx.data() + b * n, part, part + n, e - b, n);
  });
  return {dx, sums.rows(0, n), sums.rows(n, n)};
}

BatchNorm batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps) {
  check_affine("batch_norm", x, gamma, beta);
  const int64_t n = x.dim(-1), rows = n ? x.size() / n : 0;
  if (rows < 2) fail("batch_norm: ", x.shape(), " has fewer than two rows per channel; statistics need at least two");
  const Tensor mean = scale(column_sum(x), 1 / static_cast<real>(rows));
  const Tensor variance = scale(sum_over_row_blocks(rows, row_block(n), n,
                                                    [&](int64_t b, int64_t e, real* part) {
                                                      for (int64_t r = b; r < e; ++r)
                                                        add_squared_deviation(x.data() + r * n, mean.data(), part, n);
                                                    }),
                                1 / static_cast<real>(rows));
  Tensor inverse({n}), y(x.shape());
  for (int64_t i = 0; i < n; ++i) inverse.data()[i] = 1 / std::sqrt(variance.data()[i] + eps);
  parallel_for(rows, row_block(n), [&](int64_t b, int64_t e) {
    for (int64_t r = b; r < e; ++r)
      normalise_row(x.data() + r * n, mean.data(), inverse.data(), gamma.data(), beta.data(), y.data() + r * n, n);
  });
  return {y, mean, inverse, variance};
}

NormGradient batch_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& gamma, const BatchNorm& forward) {
  const int64_t n = x.dim(-1), rows = n ? x.size() / n : 0;
  const real *mean = forward.mean.data(), *inverse = forward.inverse_deviation.data();
  const Tensor sums = sum_over_row_blocks(rows, row_block(n), 2 * n, [&](int64_t b, int64_t e, real* part) {
    for (int64_t r = b; r < e; ++r)
      add_norm_gradients(dy.data() + r * n, x.data() + r * n, mean, inverse, part, part + n, n);
  });
  Tensor dx(x.shape());
  parallel_for(rows, row_block(n), [&](int64_t b, int64_t e) {
    for (int64_t r = b; r < e; ++r)
      batch_norm_input_gradient(dy.data() + r * n, x.data() + r * n, mean, inverse, gamma.data(), sums.data(),
                                sums.data() + n, static_cast<real>(rows), dx.data() + r * n, n);
  });
  return {dx, sums.rows(0, n), sums.rows(n, n)};
}

}  // namespace iuf::kernel
