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

// Rows of n scores, `step` elements apart; the mask's rows lie closely.
IUF_SIMD void softmax_rows(real* scores, real factor, const real* mask, real* log_sum, int64_t rows, int64_t n, int64_t step) {
  for (int64_t r = 0; r < rows; ++r) {
    real* s = scores + r * step;
    for (int64_t i = 0; i < n; ++i) s[i] *= factor;
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
IUF_SIMD void recompute_rows(real* scores, real factor, const real* mask, const real* log_sum, int64_t rows, int64_t n, int64_t step) {
  for (int64_t r = 0; r < rows; ++r) {
    real* s = scores + r * step;
    for (int64_t i = 0; i < n; ++i) s[i] *= factor;
    if (mask)
      for (int64_t i = 0; i < n; ++i) s[i] += mask[r * n + i];
    for (int64_t i = 0; i < n; ++i) s[i] = simd::exp(s[i] - log_sum[r]);
  }
}

// dS = factor * P * (dP - rowsum(dP * P)), the softmax's gradient, written over dP.
IUF_SIMD void softmax_backward_rows(const real* p, real* dp, real factor, int64_t rows, int64_t n, int64_t step) {
  for (int64_t r = 0; r < rows; ++r) {
    const real* a = p + r * step;
    real* d = dp + r * step;
    real dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t i = 0; i < n; ++i) dot += a[i] * d[i];
    for (int64_t i = 0; i < n; ++i) d[i] = factor * a[i] * (d[i] - dot);
  }
}

void dropout_rows(real* p, int64_t rows, int64_t n, int64_t step, const AttentionOptions& options, uint32_t offset) {
  for (int64_t r = 0; r < rows; ++r) dropout_in_place(p + r * step, n, options.dropout, options.stream, offset + static_cast<uint32_t>(r * n));
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
    multiply_panels(panels_.data(), z_.depth, z_.keys, zeros_.data(), a, z_.channels, z_.queries, scores.data(), width_);
  }
  /// out = w b for `rows` rows of `inputs` weights, `step` apart; out and b are parts of tensors.
  void gather(const real* w, int64_t rows, int64_t inputs, int64_t step, const real* b, real* out) {
    copy_panels(b, inputs, z_.depth, z_.channels, panels_.data());
    if (depth_ == z_.depth) return multiply_panels(panels_.data(), inputs, z_.depth, zeros_.data(), w, step, rows, out, z_.channels);
    Tensor whole({rows, depth_});  // groups must not reach into the next head
    multiply_panels(panels_.data(), inputs, z_.depth, zeros_.data(), w, step, rows, whole.data(), depth_);
    for (int64_t r = 0; r < rows; ++r) std::copy_n(whole.data() + r * depth_, z_.depth, out + r * z_.channels);
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
  const real factor = 1 / std::sqrt(static_cast<real>(d));
  Attention out{Tensor({z.batch, t, c}), Tensor({z.batch, z.heads, t})};
  parallel_for(z.batch * z.heads, head_block(z), [&](int64_t begin, int64_t end) {
    Head product(z);
    Tensor p({t, product.width()});
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / z.heads, head = i % z.heads * d;
      product.scores(q.data() + (z.shared_query ? 0 : b * t * c) + head, k.data() + b * s * c + head, p);
      softmax_rows(p.data(), factor, options.mask.defined() ? options.mask.data() : nullptr, out.log_sum.data() + i * t, t, s, product.width());
      if (options.dropout > 0) dropout_rows(p.data(), t, s, product.width(), options, static_cast<uint32_t>(i * t * s));
      product.gather(p.data(), t, s, product.width(), v.data() + b * s * c + head, out.y.data() + b * t * c + head);
    }
  });
  return out;
}

AttentionGradient attention_backward(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v,
                                     const Attention& forward, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  const int64_t c = z.channels, d = z.depth, t = z.queries, s = z.keys;
  const real factor = 1 / std::sqrt(static_cast<real>(d));
  Tensor dq({z.batch, t, c}), dk(k.shape()), dv(v.shape());
  parallel_for(z.batch * z.heads, head_block(z), [&](int64_t begin, int64_t end) {
    Head product(z);
    const int64_t width = product.width(), turned_step = round_to_group(t);
    Tensor p({t, width}), dp({t, width}), dropped = options.dropout > 0 ? Tensor({t, width}) : p, turned({s, turned_step});
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / z.heads, head = i % z.heads * d;
      const real* qh = q.data() + (z.shared_query ? 0 : b * t * c) + head;
      const real *kh = k.data() + b * s * c + head, *vh = v.data() + b * s * c + head, *dyh = dy.data() + b * t * c + head;
      product.scores(qh, kh, p);
      recompute_rows(p.data(), factor, options.mask.defined() ? options.mask.data() : nullptr, forward.log_sum.data() + i * t, t, s, width);
      product.scores(dyh, vh, dp);
      if (options.dropout > 0) {
        const auto offset = static_cast<uint32_t>(i * t * s);
        std::copy_n(p.data(), t * width, dropped.data());
        dropout_rows(dropped.data(), t, s, width, options, offset);
        dropout_rows(dp.data(), t, s, width, options, offset);
      }
      turn(dropped.data(), t, s, width, turned.data(), turned_step);
      product.gather(turned.data(), s, t, turned_step, dyh, dv.data() + b * s * c + head);
      softmax_backward_rows(p.data(), dp.data(), factor, t, s, width);
      product.gather(dp.data(), t, s, width, kh, dq.data() + b * t * c + head);
      turn(dp.data(), t, s, width, turned.data(), turned_step);
      product.gather(turned.data(), s, t, turned_step, qh, dk.data() + b * s * c + head);
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
