#pragma once

#include <string>

#include "nn/layers.h"

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

/// 3 x 3 convolution, batch norm, ReLU; as the layers `index` and `index` + 1 of a sequence.
struct ConvBlock {
  Conv2d conv;
  BatchNorm norm;
  int index = 0;

  ConvBlock() = default;
  ConvBlock(int64_t in, int64_t out, int index, Random& random);
  Var operator()(const Var& x, const Run& run) { return activate(Activation::relu, norm(conv(x), run)); }
  void visit(const Visit& v);
};

/// Two of them, as one sequence: the unit of U-Nets.
struct DoubleConv {
  ConvBlock first, second;

  DoubleConv() = default;
  DoubleConv(int64_t in, int64_t mid, int64_t out, Random& random)
      : first(in, mid, 0, random), second(mid, out, 3, random) {}
  Var operator()(const Var& x, const Run& run) { return second(first(x, run), run); }
  void visit(const Visit& v) {
    first.visit(v);
    second.visit(v);
  }
};

/// Twice the height and width, bilinear, and a ConvBlock.
struct UpConv {
  ConvBlock block;

  UpConv() = default;
  UpConv(int64_t in, int64_t out, Random& random) : block(in, out, 1, random) {}
  Var operator()(const Var& x, const Run& run) { return block(upsample(x, 2 * x.dim(1), 2 * x.dim(2)), run); }
  void visit(const Visit& v) { block.visit(v); }
};

/// Every output sees every channel, or its own alone.
enum class ConvKind { dense, depthwise };

/// A convolution without bias and the batch norm behind it, whose statistics stay those of the checkpoint: small
/// batches would spoil them. Filter, gain and offset are trained.
struct ConvFrozenNorm {
  Var weight;                                   // O x I x h x w, or C x 1 x h x w when depthwise
  Var gain, offset, running_mean, running_var;  // O
  kernel::ConvOptions options;
  ConvKind kind = ConvKind::dense;
  double eps = 1e-3;

  Var operator()(const Var& x) const;
  /// As `conv`.weight and `norm`.weight, .bias, .running_mean, .running_var.
  void visit(const std::string& conv, const std::string& norm, const Visit& v);
};

}  // namespace iuf
