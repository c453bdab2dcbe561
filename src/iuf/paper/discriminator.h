#pragma once

#include "nn/layers.h"

namespace iuf {

/// Self-attention along image rows: every position attends to the positions of its own row. x: B x H x W x C.
struct RowAttention {
  Linear query, key, value, out;
  int64_t heads = 1;

  RowAttention() = default;
  RowAttention(int64_t channels, int64_t heads, Random& random);
  Var operator()(const Var& x) const;
  void visit(const Visit& v);
};

/// A pre-norm transformer block with GELU. x: B x H x W x C.
struct VitBlock {
  LayerNorm norm1, norm2;
  RowAttention self_attention;
  Linear mlp0, mlp2;

  VitBlock() = default;
  VitBlock(int64_t channels, int64_t heads, int64_t mlp, Random& random);
  Var operator()(const Var& x) const;
  void visit(const Visit& v);
};

/// {y, Co} = D(x): tells which object an image x shows, and gives a semantic map to every encoder layer. [Eq. 3]
struct Discriminator {
  int64_t patch = 16;  // side and stride of the stem's convolution: 16, or 1 for the full image
  Var conv1;           // C x 3 x patch x patch
  BatchNorm bn1;
  std::vector<VitBlock> vit_blocks;
  Linear fc0, fc2;

  Discriminator() = default;
  Discriminator(int64_t classes, int64_t channels, int64_t patch, Random& random);

  struct Output {
    Var logits;             // y before the softmax: B x classes
    std::vector<Var> maps;  // Co after each block: B x H/patch x W/patch x C; gradients stop here
  };
  /// image: B x H x W x 3, normalised.
  Output operator()(const Tensor& image, const Run& run);
  /// Appends rows for new objects to the last layer; old rows keep their values.
  void extend_classes(int64_t classes, Random& random);
  /// Drops the row of an object from the last layer; the maps are as before.
  void remove_class(int64_t object);
  void visit(const Visit& v);

 private:
  Var stem(const Var& patches, const Run& run);
  std::vector<Var> evaluate(const Tensor& patches, const Run& run);
};

}  // namespace iuf
