#pragma once

#include "nn/layers.h"

namespace iuf {

/// A learnable key K_e and bias b that join the scores of a self-attention over T positions:
/// softmax(q (k + K_e)^T / sqrt(d) + b) v. Both start at zero, where this is plain attention.
struct ExternalKey {
  Var key;   // T x C, added to the projected keys; each head has its channels of it
  Var bias;  // T x T, the same for all heads

  ExternalKey() = default;
  ExternalKey(int64_t tokens, int64_t channels);
  /// The output of `attention` with this key and bias; q, k, v: B x T x C, mask: T x T or undefined.
  Var attend(const MultiheadAttention& attention, const Var& q, const Var& k, const Var& v, const Tensor& mask,
             Run& run) const;
  void visit(const Visit& v);
};

}  // namespace iuf
