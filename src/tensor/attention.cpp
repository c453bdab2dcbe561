#include "tensor/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/blas.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

struct Sizes {
  int64_t batch, queries, keys, channels, heads, depth;  // depth = channels / heads
  bool shared_query;                                     // q has batch 1, k more
};

Sizes check(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options) {
  if (q.rank() != 3 || k.rank() != 3 || !(k.shape() == v.shape()) || q.dim(2) != k.dim(2) ||
      (q.dim(0) != k.dim(0) && q.dim(0) != 1))
    fail("attention: q ", q.shape(), ", k ", k.shape(), ", v ", v.shape(), ": needs B x T x C and twice B x S x C");
  if (options.heads < 1 || q.dim(2) % options.heads)
    fail("attention: ", q.dim(2), " channels do not divide into ", options.heads, " heads");
  if (options.mask.defined() && !(options.mask.shape() == Shape{q.dim(1), k.dim(1)}))
    fail("attention: mask ", options.mask.shape(), " for ", q.dim(1), " queries and ", k.dim(1), " keys");
  return {k.dim(0), q.dim(1), k.dim(1), q.dim(2), options.heads, q.dim(2) / options.heads, q.dim(0) != k.dim(0)};
}

IUF_SIMD void softmax_rows(real* scores, const real* mask, real* log_sum, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    real* s = scores + r * n;
    if (mask)
      for (int64_t i = 0; i < n; ++i) s[i] += mask[r * n + i];
    real top = -std::numeric_limits<real>::infinity();
#pragma omp simd reduction(max : top)
    for (int64_t i = 0; i < n; ++i) top = s[i] > top ? s[i] : top;
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) {
      s[i] = simd::exp(s[i] - top);
      sum += s[i];
    }
    const real inverse = 1 / sum;
    for (int64_t i = 0; i < n; ++i) s[i] *= inverse;
    log_sum[r] = top + std::log(sum);
  }
}

// Probabilities from scores and the kept logarithms of the sums.
IUF_SIMD void recompute_rows(real* scores, const real* mask, const real* log_sum, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    real* s = scores + r * n;
    if (mask)
      for (int64_t i = 0; i < n; ++i) s[i] += mask[r * n + i];
    for (int64_t i = 0; i < n; ++i) s[i] = simd::exp(s[i] - log_sum[r]);
  }
}

// dS = P * (dP - rowsum(dP * P)), the softmax's gradient, written over dP.
IUF_SIMD void softmax_backward_rows(const real* p, real* dp, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    const real* a = p + r * n;
    real* d = dp + r * n;
    real dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t i = 0; i < n; ++i) dot += a[i] * d[i];
    for (int64_t i = 0; i < n; ++i) d[i] = a[i] * (d[i] - dot);
  }
}

// A thread's score matrices, kept between calls.
real* thread_buffer(size_t index, int64_t size) {
  thread_local std::vector<real> buffers[3];
  auto& buffer = buffers[index];
  if (buffer.size() < static_cast<size_t>(size)) buffer.resize(static_cast<size_t>(size));
  return buffer.data();
}

}  // namespace

Attention attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  const int64_t c = z.channels, d = z.depth, t = z.queries, s = z.keys;
  const real factor = 1 / std::sqrt(static_cast<real>(d));
  Attention out{Tensor({z.batch, t, c}), Tensor({z.batch, z.heads, t})};
  parallel_for(z.batch * z.heads, 1, [&](int64_t i, int64_t) {
    const int64_t b = i / z.heads, head = i % z.heads * d;
    const real* qh = q.data() + (z.shared_query ? 0 : b * t * c) + head;
    const real *kh = k.data() + b * s * c + head, *vh = v.data() + b * s * c + head;
    real* p = thread_buffer(0, t * s);
    gemm(Trans::no, Trans::yes, t, s, d, factor, qh, c, kh, c, 0, p, s);
    softmax_rows(p, options.mask.defined() ? options.mask.data() : nullptr, out.log_sum.data() + i * t, t, s);
    if (options.dropout > 0)
      dropout_in_place(p, t * s, options.dropout, options.stream, static_cast<uint32_t>(i * t * s));
    gemm(Trans::no, Trans::no, t, d, s, 1, p, s, vh, c, 0, out.y.data() + b * t * c + head, c);
  });
  return out;
}

AttentionGradient attention_backward(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v,
                                     const Attention& forward, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  const int64_t c = z.channels, d = z.depth, t = z.queries, s = z.keys;
  const real factor = 1 / std::sqrt(static_cast<real>(d));
  Tensor dq({z.batch, t, c}), dk(k.shape()), dv(v.shape());
  parallel_for(z.batch * z.heads, 1, [&](int64_t i, int64_t) {
    const int64_t b = i / z.heads, head = i % z.heads * d;
    const real* qh = q.data() + (z.shared_query ? 0 : b * t * c) + head;
    const real *kh = k.data() + b * s * c + head, *vh = v.data() + b * s * c + head, *dyh = dy.data() + b * t * c + head;
    real *p = thread_buffer(0, t * s), *dp = thread_buffer(1, t * s);
    gemm(Trans::no, Trans::yes, t, s, d, factor, qh, c, kh, c, 0, p, s);
    recompute_rows(p, options.mask.defined() ? options.mask.data() : nullptr, forward.log_sum.data() + i * t, t, s);
    gemm(Trans::no, Trans::yes, t, s, d, 1, dyh, c, vh, c, 0, dp, s);
    const real* dropped = p;
    if (options.dropout > 0) {
      const auto offset = static_cast<uint32_t>(i * t * s);
      real* copy = thread_buffer(2, t * s);
      std::copy_n(p, t * s, copy);
      dropout_in_place(copy, t * s, options.dropout, options.stream, offset);
      dropout_in_place(dp, t * s, options.dropout, options.stream, offset);
      dropped = copy;
    }
    gemm(Trans::yes, Trans::no, s, d, t, 1, dropped, s, dyh, c, 0, dv.data() + b * s * c + head, c);
    softmax_backward_rows(p, dp, t, s);
    gemm(Trans::no, Trans::no, t, d, s, factor, dp, s, kh, c, 0, dq.data() + b * t * c + head, c);
    gemm(Trans::yes, Trans::no, s, d, t, factor, dp, s, qh, c, 0, dk.data() + b * s * c + head, c);
  });
  return {z.shared_query ? sum_axis(dq, 0).reshape(q.shape()) : dq, dk, dv};
}

Tensor attention_naive(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  Tensor y({z.batch, z.queries, z.channels});
  std::vector<double> p(static_cast<size_t>(z.keys));
  for (int64_t b = 0; b < z.batch; ++b)
    for (int64_t h = 0; h < z.heads; ++h)
      for (int64_t t = 0; t < z.queries; ++t) {
        const auto at = [&](const Tensor& x, int64_t image, int64_t row, int64_t i) {
          return static_cast<double>(x.data()[(image * x.dim(1) + row) * z.channels + h * z.depth + i]);
        };
        double sum = 0;
        for (int64_t s = 0; s < z.keys; ++s) {
          double score = 0;
          for (int64_t i = 0; i < z.depth; ++i) score += at(q, z.shared_query ? 0 : b, t, i) * at(k, b, s, i);
          score /= std::sqrt(static_cast<double>(z.depth));
          if (options.mask.defined()) score += static_cast<double>(options.mask.data()[t * z.keys + s]);
          sum += p[static_cast<size_t>(s)] = std::exp(score);
        }
        for (int64_t i = 0; i < z.depth; ++i) {
          double value = 0;
          for (int64_t s = 0; s < z.keys; ++s) value += p[static_cast<size_t>(s)] / sum * at(v, b, s, i);
          y.data()[(b * z.queries + t) * z.channels + h * z.depth + i] = static_cast<real>(value);
        }
      }
  return y;
}

}  // namespace iuf::kernel
