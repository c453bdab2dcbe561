#pragma once

#include "autograd/ops.h"
#include "nn/run.h"
#include "nn/visit.h"

// Layers on maps B x H x W x C, for convolutional networks that are trained.
namespace iuf {

/// A convolution with bias, initialised for ReLU (He et al. 2015).
struct Conv2d {
  Var weight, bias;  // O x I x size x size, O
  kernel::ConvOptions options;

  Conv2d() = default;
  Conv2d(int64_t in, int64_t out, int64_t size, const kernel::ConvOptions& options, Random& random);
  Var operator()(const Var& x) const { return conv2d(x, weight, bias, options); }
  void visit(const Visit& v);
};

/// A convolution without bias and the batch norm behind it, whose statistics stay those of the checkpoint: small
/// batches would spoil them. Filter, gain and offset are trained.
struct ConvFrozenNorm {
  Var weight;                                   // O x I x h x w, or C x 1 x h x w when depthwise
  Var gain, offset, running_mean, running_var;  // O
  kernel::ConvOptions options;
  bool depthwise = false;
  double eps = 1e-3;

  Var operator()(const Var& x) const;
  /// As `conv`.weight and `norm`.weight, .bias, .running_mean, .running_var.
  void visit(const std::string& conv, const std::string& norm, const Visit& v);
};

}  // namespace iuf
