#pragma once

#include "autograd/ops.h"
#include "nn/run.h"
#include "nn/visit.h"

// Modules are plain structs: construct with sizes and a source of randomness, call on a Var, visit for names.
namespace iuf {

/// A new parameter with Xavier's uniform initialisation for a weight of `fan_out` x `fan_in` (times `receptive`).
Var xavier_uniform(const Shape& shape, int64_t fan_in, int64_t fan_out, Random& random);

/// y = x W^T + b. x: ... x in, y: ... x out.
struct Linear {
  Var weight, bias;

  Linear() = default;
  Linear(int64_t in, int64_t out, Random& random);
  Var operator()(const Var& x, Activation activation = Activation::none) const {
    return linear(x, weight, bias, activation);
  }
  void visit(const Visit& v);
};

struct LayerNorm {
  Var weight, bias;
  real eps = real(1e-5);

  LayerNorm() = default;
  explicit LayerNorm(int64_t channels);
  Var operator()(const Var& x) const { return layer_norm(x, weight, bias, eps); }
  /// Of x + dropout(f): the residual connection of a post-norm sublayer f.
  Var operator()(const Var& x, const Var& f, const kernel::Dropout& dropped) const {
    return add_norm(x, f, weight, bias, eps, dropped);
  }
  void visit(const Visit& v);
};

/// In training: the batch's statistics, which move the running ones by `momentum` (unbiased variance, as PyTorch); else
/// the running ones. Channels last.
struct BatchNorm {
  Var weight, bias, running_mean, running_var;
  real eps = real(1e-5), momentum = real(0.1);

  BatchNorm() = default;
  explicit BatchNorm(int64_t channels);
  Var operator()(const Var& x, const Run& run);
  void visit(const Visit& v);
};

/// PyTorch's nn.MultiheadAttention on B x T x C. The mask (T x S, 0 or -inf) may be undefined.
struct MultiheadAttention {
  Var in_proj_weight, in_proj_bias;  // 3C x C, 3C: query, key, value
  Linear out_proj;
  int64_t heads = 1;
  real dropout = 0;

  MultiheadAttention() = default;
  MultiheadAttention(int64_t channels, int64_t heads, real dropout, Random& random);
  /// q may have batch 1 when all images share one query; its projection is then computed once.
  Var operator()(const Var& q, const Var& k, const Var& v, const Tensor& mask, Run& run) const;
  /// The in-projection of a query (part 0), key (1) or value (2).
  Var project(const Var& x, int64_t part) const;
  void visit(const Visit& v);
};

/// In training a dropout with a mask of its own, otherwise none; for operations that include it.
kernel::Dropout draw_dropout(real rate, Run& run);
/// Dropout in training, the identity otherwise.
Var dropout(const Var& x, real rate, Run& run);

}  // namespace iuf
