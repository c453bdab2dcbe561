#pragma once

#include "tensor/tensor.h"

namespace iuf::kernel {

struct AttentionOptions {
  int64_t heads = 1;
  Tensor mask = {};     // T x S of 0 and -inf, added to the scores, or undefined
  real dropout = 0;     // of the attention probabilities
  uint64_t stream = 0;  // of the dropout mask
};

/// softmax(q k^T / sqrt(C / heads) + mask) v, head by head. q: B x T x C, or 1 x T x C when all images share one query;
/// k, v: B x S x C; y: B x T x C. Only the base 2 logarithm of each row's sum is kept: the T x S probabilities live in
/// a per-thread buffer and are computed again for the backward pass.
struct Attention {
  Tensor y, log2_sum;  // log2_sum: B x heads x T
};
Attention attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options);
struct AttentionGradient {
  Tensor dq, dk, dv;  // dq has q's shape
};
AttentionGradient attention_backward(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v,
                                     const Attention& forward, const AttentionOptions& options);

/// The slow twin: one query at a time, in double. The reference of the tests.
Tensor attention_naive(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options);

}  // namespace iuf::kernel
