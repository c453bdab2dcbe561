#pragma once

#include "tensor/elementwise.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// y = (x - mean) / sqrt(var + eps) * gamma + beta over the last axis. mean and 1/sqrt(var + eps) per row are kept for
/// the backward pass.
struct LayerNorm {
  Tensor y, mean, inverse_deviation;
};
LayerNorm layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps);
/// The slow twin of y, in double.
Tensor layer_norm_naive(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps);
struct NormGradient {
  Tensor dx, dgamma, dbeta;
};
NormGradient layer_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& gamma, const LayerNorm& forward);

/// The layer norm of sum = x + dropout(f), in one pass: the end of a transformer's sublayer. x may have a batch of 1
/// where f has more.
struct AddNorm {
  Tensor sum;
  LayerNorm norm;
};
AddNorm add_norm(const Tensor& x, const Tensor& f, const Tensor& gamma, const Tensor& beta, real eps,
                 const Dropout& dropped);
/// dx is the sum's gradient, df that of f.
struct AddNormGradient {
  NormGradient norm;
  Tensor df;
};
AddNormGradient add_norm_backward(const Tensor& dy, const Tensor& gamma, const AddNorm& forward,
                                  const Dropout& dropped);

/// Batch norm of x seen as rows x C with the statistics of these rows (biased variance).
struct BatchNorm {
  Tensor y, mean, inverse_deviation, variance;
};
BatchNorm batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps);
/// The slow twin of y, in double.
Tensor batch_norm_naive(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps);
NormGradient batch_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& gamma, const BatchNorm& forward);

}  // namespace iuf::kernel
