#pragma once

#include "tensor/tensor.h"

namespace iuf::kernel {

/// y = (x - mean) / sqrt(var + eps) * gamma + beta over the last axis. mean and 1/sqrt(var + eps) per row are kept for the
/// backward pass.
struct LayerNorm {
  Tensor y, mean, inverse_deviation;
};
LayerNorm layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps);
struct NormGradient {
  Tensor dx, dgamma, dbeta;
};
NormGradient layer_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& gamma, const LayerNorm& forward);

/// Batch norm of x seen as rows x C with the statistics of these rows (biased variance).
struct BatchNorm {
  Tensor y, mean, inverse_deviation, variance;
};
BatchNorm batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, real eps);
NormGradient batch_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& gamma, const BatchNorm& forward);

}  // namespace iuf::kernel
