#include "tensor/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/panels.h"
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

// Heads a task computes: small ones share its memory.
int64_t head_block(const Sizes& z) { return std::max<int64_t>(1, 4096 / std::max<int64_t>(1, z.queries * z.keys)); }

// The scores of a head: rows of n, `step` apart in memory. Each row passes through all steps while it is in the first-level cache.
struct Rows {
  int64_t rows, n, step;
  real factor;               // of the scores
  const real* mask;          // rows x n closely, or null
  simd::DropoutRow dropout;  // threshold 0: none
  uint32_t first;            // row of the head among the dropout's

  void start(int64_t head) { first = static_cast<uint32_t>(head * rows); }
};

Rows rows_of(const Sizes& z, const AttentionOptions& options, int64_t step) {
  return {z.queries, z.keys, step, 1 / std::sqrt(static_cast<real>(z.depth)), options.mask.defined() ? options.mask.data() : nullptr,
          dropout_row({options.dropout, options.stream}), 0};
}

// Rows begin whole blocks of the dropout.
IUF_INLINE uint32_t dropout_offset(const Rows& z, int64_t row) { return (z.first + static_cast<uint32_t>(row)) * static_cast<uint32_t>((z.n + 31) / 32 * 32); }

IUF_INLINE void scale_and_mask(real* s, const Rows& z, int64_t row) {
  if (z.mask) {
    const real* mask = z.mask + row * z.n;
    for (int64_t i = 0; i < z.n; ++i) s[i] = s[i] * z.factor + mask[i];
  } else {
    for (int64_t i = 0; i < z.n; ++i) s[i] *= z.factor;
  }
}

// Probabilities from scores, but for the factor `inverse` of their row; logarithms of the sums.
IUF_SIMD void softmax_rows(real* scores, const Rows& z, real* log_sum, real* inverse) {
  for (int64_t r = 0; r < z.rows; ++r) {
    real* s = scores + r * z.step;
    scale_and_mask(s, z, r);
    real top = -std::numeric_limits<real>::infinity();
#pragma omp simd reduction(max : top)
    for (int64_t i = 0; i < z.n; ++i) top = s[i] > top ? s[i] : top;
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < z.n; ++i) {
      s[i] = simd::exp_of_negative(s[i] - top);
      sum += s[i];
    }
    inverse[r] = 1 / sum;
    log_sum[r] = top + std::log(sum);
    if (z.dropout.threshold) simd::dropout_row(z.dropout, dropout_offset(z, r), s, s, z.n);
  }
}

IUF_SIMD void scale_rows(real* y, const real* factors, int64_t rows, int64_t n, int64_t step) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < n; ++i) y[r * step + i] *= factors[r];
}

// From scores, the kept logarithms of the sums and d, the gradient of the dropped probabilities D = f * P: D over the scores, and over d the
// gradient of the scores, factor * (D * d - P * rowsum(D * d)). row: room for n values.
IUF_SIMD void softmax_backward_rows(real* scores, real* gradient, const Rows& z, const real* log_sum, real* row) {
  for (int64_t r = 0; r < z.rows; ++r) {
    real *s = scores + r * z.step, *d = gradient + r * z.step, *p = z.dropout.threshold ? row : s;
    scale_and_mask(s, z, r);
#pragma omp simd
    for (int64_t i = 0; i < z.n; ++i) p[i] = simd::exp_of_negative(s[i] - log_sum[r]);
    if (z.dropout.threshold) simd::dropout_row(z.dropout, dropout_offset(z, r), p, s, z.n);
    real dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t i = 0; i < z.n; ++i) dot += s[i] * d[i];
#pragma omp simd
    for (int64_t i = 0; i < z.n; ++i) d[i] = z.factor * (s[i] * d[i] - p[i] * dot);
  }
}

// The matrices of one head: products of small matrices, `c` elements from one row to the next in the tensors.
class Head {
 public:
  explicit Head(const Sizes& z)
      : z_(z), width_(round_to_group(z.keys)), depth_(round_to_group(z.depth)), zeros_(Tensor::zeros({std::max(width_, depth_)})),
        panels_({std::max(width_, depth_) * std::max({z.queries, z.keys, z.depth})}) {}

  int64_t width() const { return width_; }  // of a row of scores in memory

  /// scores = a b^T, a of the queries and b of the keys.
  void scores(const real* a, const real* b, Tensor& scores) {
    turn_panels(b, z_.keys, z_.depth, z_.channels, panels_.data());
    multiply_panels(panels_.data(), z_.depth, z_.keys, zeros_.data(), {a, z_.queries, z_.channels}, scores.data(), width_);
  }
  /// out = w b for rows of `inputs` weights; out and b are parts of tensors.
  void gather(const LeftSide& w, int64_t inputs, const real* b, real* out) {
    copy_panels(b, inputs, z_.depth, z_.channels, panels_.data());
    if (depth_ == z_.depth) return multiply_panels(panels_.data(), inputs, z_.depth, zeros_.data(), w, out, z_.channels);
    Tensor whole({w.rows, depth_});  // groups must not reach into the next head
    multiply_panels(panels_.data(), inputs, z_.depth, zeros_.data(), w, whole.data(), depth_);
    for (int64_t r = 0; r < w.rows; ++r) std::copy_n(whole.data() + r * depth_, z_.depth, out + r * z_.channels);
  }

 private:
  const Sizes& z_;
  int64_t width_, depth_;
  Tensor zeros_, panels_;
};

}  // namespace

Attention attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  const int64_t c = z.channels, d = z.depth, t = z.queries, s = z.keys;
  Attention out{Tensor({z.batch, t, c}), Tensor({z.batch, z.heads, t})};
  parallel_for(z.batch * z.heads, head_block(z), [&](int64_t begin, int64_t end) {
    Head product(z);
    Tensor p({t, product.width()}), inverse({t});
    Rows rows = rows_of(z, options, product.width());
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / z.heads, head = i % z.heads * d;
      product.scores(q.data() + (z.shared_query ? 0 : b * t * c) + head, k.data() + b * s * c + head, p);
      rows.start(i);
      softmax_rows(p.data(), rows, out.log_sum.data() + i * t, inverse.data());
      real* y = out.y.data() + b * t * c + head;
      product.gather({p.data(), t, product.width()}, s, v.data() + b * s * c + head, y);
      scale_rows(y, inverse.data(), t, d, c);
    }
  });
  return out;
}

AttentionGradient attention_backward(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v,
                                     const Attention& forward, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  const int64_t c = z.channels, d = z.depth, t = z.queries, s = z.keys;
  Tensor dq({z.batch, t, c}), dk(k.shape()), dv(v.shape());
  parallel_for(z.batch * z.heads, head_block(z), [&](int64_t begin, int64_t end) {
    Head product(z);
    const int64_t width = product.width();
    Tensor p({t, width}), dp({t, width}), row({s});
    Rows rows = rows_of(z, options, width);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / z.heads, head = i % z.heads * d;
      const real* qh = q.data() + (z.shared_query ? 0 : b * t * c) + head;
      const real *kh = k.data() + b * s * c + head, *vh = v.data() + b * s * c + head, *dyh = dy.data() + b * t * c + head;
      product.scores(qh, kh, p);
      product.scores(dyh, vh, dp);
      rows.start(i);
      softmax_backward_rows(p.data(), dp.data(), rows, forward.log_sum.data() + i * t, row.data());
      product.gather(transposed(p.data(), s, width), t, dyh, dv.data() + b * s * c + head);
      product.gather({dp.data(), t, width}, s, kh, dq.data() + b * t * c + head);
      product.gather(transposed(dp.data(), s, width), t, qh, dk.data() + b * s * c + head);
    }
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
