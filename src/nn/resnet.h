#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/backbone.h"

namespace iuf {

/// ResNet-18, 34 (two 3 x 3 convolutions a block), 50 and wide ResNet-50-2 (1 x 1, 3 x 3, 1 x 1).
struct ResNetVariant {
  std::string name;
  std::vector<int> blocks;  // of layer1, layer2, layer3
  int64_t width;            // channels of the 3 x 3 convolution in layer1's blocks
  bool bottleneck;
  std::string file;  // the usual checkpoint
};
std::span<const ResNetVariant> resnet_variants();
BackboneInfo describe(const ResNetVariant& variant);

/// A map of one image inside a border of zeros, so that convolutions need no test for the edge.
struct BorderedMap {
  Tensor values;  // height + 2 border x width + 2 border x channels
  int64_t height = 0, width = 0, channels = 0, border = 0;
  real* row(int64_t y) { return values.data() + ((y + border) * (width + 2 * border) + border) * channels; }
  const real* row(int64_t y) const { return const_cast<BorderedMap*>(this)->row(y); }
};

/// The stem (stride 2, before the pooling) and layer1 to layer3 (strides 4, 8, 16). Keys as in torchvision
/// (conv1.weight, layer1.0.bn1.weight); the stride of a bottleneck is in its 3 x 3 convolution; batch norm epsilon
/// 1e-5.
class ResNet : public FeatureNetwork {
 public:
  ResNet(const ResNetVariant& variant, WeightReader& weights);
  std::vector<Tensor> features(const Tensor& image, size_t levels) const override;

 private:
  struct Conv {
    kernel::ConvFilter filter;
    int64_t stride;
  };
  struct Block {
    std::vector<Conv> convs;
    std::optional<Conv> downsample;
  };
  static BorderedMap apply(const Conv& conv, const BorderedMap& input, const BorderedMap* residual,
                           Activation activation);

  Conv stem_;
  std::vector<std::vector<Block>> layers_;
};

}  // namespace iuf
