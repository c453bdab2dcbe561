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

IUF_INLINE void layer_norm_row(const real* x, const real* gamma, const real* beta, real eps, real* y, real& mean,
                               real& inverse, int64_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  const real m = sum / static_cast<real>(n);
  real squares = 0;
#pragma omp simd reduction(+ : squares)
  for (int64_t i = 0; i < n; ++i) squares += (x[i] - m) * (x[i] - m);
  const real inv = 1 / std::sqrt(squares / static_cast<real>(n) + eps);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - m) * inv * gamma[i] + beta[i];
  mean = m;
  inverse = inv;
}

IUF_SIMD void layer_norm_rows(const real* x, const real* gamma, const real* beta, real eps, real* y, real* mean,
                              real* inverse, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) layer_norm_row(x + r * n, gamma, beta, eps, y + r * n, mean[r], inverse[r], n);
}

// Rows [begin, end) of f; those of x begin again after x_rows.
IUF_SIMD void add_norm_rows(const real* x, int64_t x_rows, const real* f, const simd::DropoutRow& dropped,
                            const real* gamma, const real* beta, real eps, real* sum, real* y, real* mean,
                            real* inverse, int64_t begin, int64_t end, int64_t n) {
  for (int64_t r = begin; r < end; ++r) {
    const real *a = x + r % x_rows * n, *b = f + r * n;
    real* s = sum + r * n;
    if (dropped.threshold) {
      simd::apply_dropout(dropped, static_cast<uint32_t>(r * n), b, s, n);
      b = s;
    }
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) s[i] = a[i] + b[i];
    layer_norm_row(s, gamma, beta, eps, y + r * n, mean[r], inverse[r], n);
  }
}

IUF_INLINE void layer_norm_backward_row(const real* d, const real* x, const real* gamma, real m, real inv, real* dx,
                                        real* dgamma, real* dbeta, int64_t n) {
  real sum_g = 0, sum_gx = 0;
#pragma omp simd reduction(+ : sum_g, sum_gx)
  for (int64_t i = 0; i < n; ++i) {
    const real g = d[i] * gamma[i];
    sum_g += g;
    sum_gx += g * (x[i] - m);
  }
  const real a = sum_g / static_cast<real>(n), b = sum_gx * inv * inv / static_cast<real>(n);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const real centred = x[i] - m;
    dx[i] = inv * (d[i] * gamma[i] - a - centred * b);
    dgamma[i] += d[i] * centred * inv;
    dbeta[i] += d[i];
  }
}

// Rows [begin, end); df, if any, is dx behind the dropout.
IUF_SIMD void layer_norm_backward_rows(const real* dy, const real* x, const real* gamma, const real* mean,
                                       const real* inverse, real* dx, real* df, const simd::DropoutRow& dropped,
                                       real* dgamma, real* dbeta, int64_t begin, int64_t end, int64_t n) {
  for (int64_t r = begin; r < end; ++r) {
    layer_norm_backward_row(dy + r * n, x + r * n, gamma, mean[r], inverse[r], dx + r * n, dgamma, dbeta, n);
    if (df) simd::apply_dropout(dropped, static_cast<uint32_t>(r * n), dx + r * n, df + r * n, n);
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

int64_t row_block(int64_t columns) {
  return std::max<int64_t>(16, kElementBlock / std::max<int64_t>(columns, 1));
}

// Sums `width` values per block of rows, then over the blocks in order.
template <class Part>
Tensor sum_over_row_blocks(int64_t rows, int64_t block, int64_t width, Part&& part) {
  const int64_t blocks = std::max<int64_t>(1, (rows + block - 1) / block);
  Tensor parts = Tensor::zeros({blocks, width});
  parallel_for(rows, block,
               [&](int64_t begin, int64_t end) { part(begin, end, parts.data() + begin / block * width); });
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

namespace {

// y = (x - mean) / sqrt(var + eps) * gamma + beta over n values of x and y with this stride; affine(i) is the index of
// gamma and beta for value i.
template <class Affine>
void normalise_naive(const real* x, int64_t n, int64_t stride, real eps, const Tensor& gamma, const Tensor& beta,
                     real* y, Affine&& affine) {
  double mean = 0, variance = 0;
  for (int64_t i = 0; i < n; ++i) mean += static_cast<double>(x[i * stride]) / static_cast<double>(n);
  for (int64_t i = 0; i < n; ++i) {
    const double off = static_cast<double>(x[i * stride]) - mean;
    variance += off * off / static_cast<double>(n);
  }
  for (int64_t i = 0; i < n; ++i) {
    const double normal = (static_cast<double>(x[i * stride]) - mean) / std::sqrt(variance + static_cast<double>(eps));
    y[i * stride] = static_cast<real>(normal * static_cast<double>(gamma.data()[affine(i)]) +
                                      static_cast<double>(beta.data()[affine(i)]));
  }
}

}  // namespace

Tensor layer_norm_naive(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps) {
  const int64_t n = x.dim(-1);
  Tensor y(x.shape());
  for (int64_t r = 0; r < x.size(); r += n)
    normalise_naive(x.data() + r, n, 1, eps, gamma, beta, y.data() + r, [](int64_t i) { return i; });
  return y;
}

Tensor batch_norm_naive(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps) {
  const int64_t n = x.dim(-1);
  Tensor y(x.shape());
  for (int64_t c = 0; c < n; ++c)
    normalise_naive(x.data() + c, x.size() / n, n, eps, gamma, beta, y.data() + c, [c](int64_t) { return c; });
  return y;
}

NormGradient layer_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& gamma, const LayerNorm& forward) {
  return add_norm_backward(dy, gamma, {x, forward}, {}).norm;
}

AddNorm add_norm(const Tensor& x, const Tensor& f, const Tensor& gamma, const Tensor& beta, real eps,
                 const Dropout& dropped) {
  check_affine("add_norm", f, gamma, beta);
  if (x.size() == 0 || !(broadcast_shape(x.shape(), f.shape()) == f.shape()) || f.size() % x.size() != 0 ||
      x.shape().size(1, x.rank()) != f.shape().size(1, f.rank()))
    fail("add_norm: ", x.shape(), " + ", f.shape(), ": needs equal shapes, or a first of batch 1");
  const int64_t n = f.dim(-1), rows = f.size() / n, x_rows = x.size() / n;
  const simd::DropoutRow row = dropout_row(dropped);
  AddNorm out{Tensor(f.shape()), {Tensor(f.shape()), Tensor({rows}), Tensor({rows})}};
  parallel_for(rows, row_block(n), [&](int64_t b, int64_t e) {
    add_norm_rows(x.data(), x_rows, f.data(), row, gamma.data(), beta.data(), eps, out.sum.data(), out.norm.y.data(),
                  out.norm.mean.data(), out.norm.inverse_deviation.data(), b, e, n);
  });
  return out;
}

AddNormGradient add_norm_backward(const Tensor& dy, const Tensor& gamma, const AddNorm& forward,
                                  const Dropout& dropped) {
  const int64_t n = dy.dim(-1), rows = n ? dy.size() / n : 0;
  const simd::DropoutRow row = dropout_row(dropped);
  Tensor dx(dy.shape()), df = row.threshold ? Tensor(dy.shape()) : dx;
  const Tensor sums = sum_over_row_blocks(rows, row_block(n), 2 * n, [&](int64_t b, int64_t e, real* part) {
    layer_norm_backward_rows(dy.data(), forward.sum.data(), gamma.data(), forward.norm.mean.data(),
                             forward.norm.inverse_deviation.data(), dx.data(), row.threshold ? df.data() : nullptr, row,
                             part, part + n, b, e, n);
  });
  return {{dx, sums.rows(0, n), sums.rows(n, n)}, df};
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
