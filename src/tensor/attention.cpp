#include "tensor/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/gemm/gemm.h"
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
  const auto wrong = [&](const char* what) {
    fail("attention: q ", q.shape(), ", k ", k.shape(), ", v ", v.shape(), ": ", what);
  };
  if (q.rank() != 3 || k.rank() != 3 || v.rank() != 3) wrong("all three need three axes");
  if (!(k.shape() == v.shape())) wrong("k and v must be of equal shape");
  if (q.dim(2) != k.dim(2)) wrong("q and k must have equally many channels");
  if (q.dim(0) != k.dim(0) && q.dim(0) != 1) wrong("q must have the batch of k, or 1");
  if (options.heads < 1 || q.dim(2) % options.heads)
    fail("attention: ", q.dim(2), " channels do not divide into ", options.heads, " heads");
  if (options.mask.defined() && !(options.mask.shape() == Shape{q.dim(1), k.dim(1)}))
    fail("attention: mask ", options.mask.shape(), " for ", q.dim(1), " queries and ", k.dim(1), " keys");
  return {k.dim(0), q.dim(1), k.dim(1), q.dim(2), options.heads, q.dim(2) / options.heads, q.dim(0) != k.dim(0)};
}

// Heads a task computes: small ones share its memory.
int64_t head_block(const Sizes& z) {
  return std::max<int64_t>(1, 4096 / std::max<int64_t>(1, z.queries * z.keys));
}

// Queries of a block: their scores become probabilities and are used while they are in the first-level cache. Whole
// tiles of the AVX-512 kernels.
constexpr int64_t kQueryBlock = 28;
constexpr real kLog2E = real(1.44269504088896341);
constexpr real kNoWeight = -std::numeric_limits<real>::infinity();  // a score whose probability is 0

// What all rows of scores share. A row has a score for each key, padded with kNoWeight to whole panels.
struct Rows {
  int64_t keys;
  real factor;               // of the products q k^T
  const real* mask;          // queries x keys, or null
  simd::DropoutRow dropout;  // threshold 0: none

  int64_t padded_keys() const { return round_to_panel(keys); }
};

Rows rows_of(const Sizes& z, const AttentionOptions& options) {
  return {z.keys, 1 / std::sqrt(static_cast<real>(z.depth)), options.mask.defined() ? options.mask.data() : nullptr,
          dropout_row({options.dropout, options.stream})};
}

// Consecutive queries of one head.
struct QueryBlock {
  int64_t rows;   // how many
  int64_t query;  // the first one's index in its head
  uint32_t row;   // and among the rows of scores of all heads
};

// Where a row's dropout begins: rows are rounded up to the 32 elements that share their hashes.
IUF_INLINE uint32_t dropout_offset(const Rows& z, uint32_t row) {
  return row * static_cast<uint32_t>((z.keys + 31) / 32 * 32);
}

IUF_INLINE void add_mask(real* s, const Rows& z, int64_t query) {
  const real* mask = z.mask + query * z.keys;
  for (int64_t i = 0; i < z.keys; ++i) s[i] += kLog2E * mask[i];
}

// softmax of rows of base 2 scores, in place, and dropout. The division by a row's sum is left to the caller, as a
// multiplication by inverse[r] when the row has become a few values; log2_sum is kept for the backward pass.
IUF_SIMD void softmax_rows(real* scores, const Rows& z, const QueryBlock& block, real* log2_sum, real* inverse) {
  const int64_t n = z.padded_keys();
  for (int64_t r = 0; r < block.rows; ++r) {
    real* s = scores + r * n;
    if (z.mask) add_mask(s, z, block.query + r);
    const auto [largest, sum] = simd::exponentials<simd::exp2_of_negative>(s, s, n);
    log2_sum[r] = largest;
    inverse[r] = sum;
    if (z.dropout.threshold)
      simd::apply_dropout(z.dropout, dropout_offset(z, block.row + static_cast<uint32_t>(r)), s, s, n);
  }
  for (int64_t r = 0; r < block.rows; ++r) {
    log2_sum[r] +=
        kLog2E * simd::log(inverse[r]) + (inverse[r] - inverse[r]);  // an infinite or undefined sum stays undefined
    inverse[r] = 1 / inverse[r];
  }
}

IUF_SIMD void scale_rows(real* y, const real* factors, int64_t rows, int64_t n, int64_t stride) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < n; ++i) y[r * stride + i] *= factors[r];
}

// The backward pass of the same, with the probabilities P and D = dropout(P). In: scores, and the gradient d of D. Out:
// D in place of the scores, and in place of d the gradient of the products q k^T, factor * (D * d - P * rowsum(D * d)).
// scratch: a row.
IUF_SIMD void softmax_backward_rows(real* scores, real* gradient, const Rows& z, const QueryBlock& block,
                                    const real* log2_sum, real* scratch) {
  const int64_t n = z.padded_keys();
  for (int64_t r = 0; r < block.rows; ++r) {
    real *s = scores + r * n, *d = gradient + r * n, *p = z.dropout.threshold ? scratch : s;
    if (z.mask) add_mask(s, z, block.query + r);
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) p[i] = simd::exp2_of_negative(s[i] - log2_sum[r]);
    if (z.dropout.threshold)
      simd::apply_dropout(z.dropout, dropout_offset(z, block.row + static_cast<uint32_t>(r)), p, s, n);
    real dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t i = 0; i < n; ++i) dot += s[i] * d[i];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) d[i] = z.factor * (s[i] * d[i] - p[i] * dot);
  }
}

}  // namespace

Attention attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  const int64_t c = z.channels, d = z.depth, t = z.queries, s = z.keys;
  const Rows rows = rows_of(z, options);
  const int64_t padded = rows.padded_keys();
  Attention out{Tensor({z.batch, t, c}), Tensor({z.batch, z.heads, t})};
  parallel_for(z.batch * z.heads, head_block(z), [&](int64_t begin, int64_t end) {
    PackedMatrix keys(d, s), values(s, d);
    std::fill(keys.bias() + s, keys.bias() + padded, kNoWeight);
    Tensor p({kQueryBlock, padded});
    real inverse[kQueryBlock];
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / z.heads, head = i % z.heads * d;
      const real* qh = q.data() + (z.shared_query ? 0 : b * t * c) + head;
      real* yh = out.y.data() + b * t * c + head;
      keys.pack_transposed(k.data() + b * s * c + head, c);
      keys.scale(rows.factor * kLog2E);
      values.pack(v.data() + b * s * c + head, c);
      for (int64_t r = 0; r < t; r += kQueryBlock) {
        const QueryBlock block = {std::min(kQueryBlock, t - r), r, static_cast<uint32_t>(i * t + r)};
        gemm_padded({qh + r * c, block.rows, d, c}, keys, p.data(), padded);
        softmax_rows(p.data(), rows, block, out.log2_sum.data() + i * t + r, inverse);
        gemm_packed({p.data(), block.rows, s, padded}, values, yh + r * c, c);
        scale_rows(yh + r * c, inverse, block.rows, d, c);
      }
    }
  });
  return out;
}

AttentionGradient attention_backward(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v,
                                     const Attention& forward, const AttentionOptions& options) {
  const Sizes z = check(q, k, v, options);
  const int64_t c = z.channels, d = z.depth, t = z.queries, s = z.keys;
  const Rows rows = rows_of(z, options);
  const int64_t padded = rows.padded_keys();
  Tensor dq({z.batch, t, c}), dk(k.shape()), dv(v.shape());
  parallel_for(z.batch * z.heads, head_block(z), [&](int64_t begin, int64_t end) {
    PackedMatrix keys_transposed(d, s), values_transposed(d, s), keys(s, d), queries(t, d);
    std::fill(keys_transposed.bias() + s, keys_transposed.bias() + padded, kNoWeight);
    Tensor p({t, padded}), dp({t, padded}), scratch({padded});
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / z.heads, head = i % z.heads * d;
      const real* qh = q.data() + (z.shared_query ? 0 : b * t * c) + head;
      const real *kh = k.data() + b * s * c + head, *vh = v.data() + b * s * c + head,
                 *dyh = dy.data() + b * t * c + head;
      keys_transposed.pack_transposed(kh, c);
      keys_transposed.scale(rows.factor * kLog2E);
      values_transposed.pack_transposed(vh, c);
      keys.pack(kh, c);
      for (int64_t r = 0; r < t; r += kQueryBlock) {
        const QueryBlock block = {std::min(kQueryBlock, t - r), r, static_cast<uint32_t>(i * t + r)};
        real *block_p = p.data() + r * padded, *block_dp = dp.data() + r * padded;
        gemm_padded({qh + r * c, block.rows, d, c}, keys_transposed, block_p, padded);
        gemm_padded({dyh + r * c, block.rows, d, c}, values_transposed, block_dp, padded);
        softmax_backward_rows(block_p, block_dp, rows, block, forward.log2_sum.data() + i * t + r, scratch.data());
        gemm_packed({block_dp, block.rows, s, padded}, keys, dq.data() + b * t * c + head + r * c, c);
      }
      queries.pack(dyh, c);
      gemm_packed(MatrixView{p.data(), t, s, padded}.transposed(), queries, dv.data() + b * s * c + head, c);
      queries.pack(qh, c);
      gemm_packed(MatrixView{dp.data(), t, s, padded}.transposed(), queries, dk.data() + b * s * c + head, c);
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
