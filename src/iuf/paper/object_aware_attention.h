#pragma once

#include <optional>

#include "nn/external_key.h"
#include "nn/layers.h"

namespace iuf {

/// An encoder layer (post-norm) whose queries are multiplied by the image's semantic map Co:
/// softmax((Co * Q) K^T / sqrt(d_k)) V. [Eq. 4]
/// Before the in-projection Q = K = src + pos and V = src, as in the published code.
struct EncoderLayer {
  MultiheadAttention self_attn;
  Linear linear1, linear2;
  LayerNorm norm1, norm2;
  real rate = 0;                        // of all dropouts
  std::optional<ExternalKey> external;  // LVT's

  EncoderLayer() = default;
  EncoderLayer(int64_t channels, int64_t heads, int64_t feed_forward, real dropout, Random& random);
  /// src: B x T x C; pos: T x C; condition: Co, B x T x C, or undefined (plain self-attention); mask: T x T or
  /// undefined. `name` is what the run's tap is told.
  Var operator()(const Var& src, const Var& pos, const Var& condition, const Tensor& mask, const std::string& name,
                 Run& run) const;
  void visit(const Visit& v);
};

}  // namespace iuf
