#pragma once

#include <vector>

#include "nn/conv_layers.h"
#include "nn/efficientnet.h"

namespace iuf {

/// MBConv of the Lite networks with gradients: expand 1 x 1, depthwise, project 1 x 1; ReLU6 behind the first two. A
/// block without expansion has no `expand`.
struct TrainableMBConv {
  ConvFrozenNorm expand, depthwise, project;
  bool expands = true, skip = false;

  TrainableMBConv() = default;
  explicit TrainableMBConv(const MBConv::Plan& plan);
  Var operator()(const Var& x) const;
  void visit(const Visit& v);
};

/// An EfficientNet-Lite up to its last block at stride 16, as EfficientNet, but with gradients. Names are those of the
/// checkpoints. The weights must be loaded before it is used.
struct TrainableEfficientNet {
  ConvFrozenNorm stem;
  std::vector<TrainableMBConv> blocks;

  TrainableEfficientNet() = default;
  /// Throws Error for a variant with squeeze and excitation.
  explicit TrainableEfficientNet(const EfficientNetVariant& variant);
  /// EfficientNet-Lite0 with the weights inside the program, all frozen.
  static TrainableEfficientNet embedded();

  /// image: B x H x W x 3, normalised. What block `end` would get.
  Var before(size_t end, const Var& image) const;
  /// From there to the last block.
  Var from(size_t begin, Var x) const;
  void visit(const Visit& v) { visit_from(0, v); }
  /// The blocks from `begin` on; with 0 also the stem.
  void visit_from(size_t begin, const Visit& v);
};

}  // namespace iuf
