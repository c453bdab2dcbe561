#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/backbone.h"
#include "tensor/conv/options.h"

namespace iuf {

/// One of the family: B0-B7 (SiLU, squeeze and excitation) or Lite0-4 (ReLU6, fixed stem, first stage not repeated).
struct EfficientNetVariant {
  std::string name;
  double width, depth;  // factors for channels and repeats
  int native_size;
  bool lite;
  std::string file;  // the usual checkpoint
};
std::span<const EfficientNetVariant> efficientnet_variants();
BackboneInfo describe(const EfficientNetVariant& variant);

/// TensorFlow's SAME for an axis of this size.
kernel::Padding same_padding(int64_t size, int64_t kernel, int64_t stride);

/// A map of one image: height x width pixels. The pixel stride is the channels rounded up to panels; an input image
/// has 3.
struct FeatureMap {
  Tensor values;
  int64_t height, width, pixel_stride;
};

/// Inverted residual: expand 1 x 1, depthwise, squeeze and excitation, project 1 x 1. Expanded rows live only until the
/// depthwise kernel has passed over them. The first block has the network's stem in place of its expansion.
class MBConv {
 public:
  struct Plan {
    int64_t kernel, stride, inputs, outputs;
    int64_t expand;       // factor; 1 has no expansion
    int64_t native_size;  // of its map, for an image of the network's native size: it fixes the padding
  };
  MBConv(const Plan& plan, const std::string& name, const EfficientNetVariant& variant, WeightReader& weights);
  /// `stem`: a convolution with this stride over the input, which is padded already.
  void set_stem(kernel::ConvFilter stem, int64_t stride);

  /// Heights and widths of the expanded map and of the output. Throws Error when the input is smaller than a kernel.
  struct Sizes {
    int64_t mid_height, mid_width, height, width;
  };
  Sizes sizes(int64_t height, int64_t width) const;
  /// The output's values go to `into`, if that is defined and can hold the rounded channels.
  FeatureMap operator()(const FeatureMap& input, const Tensor& into) const;

 private:
  struct Work;
  void expand_rows(const Work& work, int64_t begin, int64_t end, real* ring, int64_t ring_rows) const;
  void compute_rows(const Work& work, int64_t begin, int64_t end) const;
  void project(const Work& work, const kernel::ConvFilter& filter, const real* mid, int64_t begin,
               int64_t pixels) const;
  kernel::ConvFilter excited(const Work& work) const;

  Activation activation_;
  bool skip_;
  kernel::Padding padding_;
  std::optional<kernel::ConvFilter> expand_;
  int64_t expand_stride_ = 1;
  kernel::DepthwiseFilter depthwise_;
  std::optional<kernel::ConvFilter> squeeze_, excite_;
  kernel::ConvFilter project_;
};

/// The blocks up to the last one at stride 16, the channels of the stem before them, and the first stage at stride 32
/// behind them.
struct EfficientNetPlan {
  int64_t stem;
  std::vector<MBConv::Plan> blocks, deep;
  std::vector<size_t> last;  // the last block at each stride
};
EfficientNetPlan plan(const EfficientNetVariant& variant);

/// The blocks up to the last one at stride 16, and of stride 32 the first stage where its weights are there. Keys as in
/// EfficientNet-PyTorch (_conv_stem.weight,
/// _blocks.0._bn1.bias). Padding is TensorFlow's SAME computed for the native size, whatever the input's size is; batch
/// norm epsilon 1e-3.
class EfficientNet : public FeatureNetwork {
 public:
  EfficientNet(const EfficientNetVariant& variant, WeightReader& weights);
  std::vector<Tensor> features(const Tensor& image, size_t levels) const override;

 private:
  kernel::Padding stem_padding_;
  std::vector<MBConv> blocks_;
  std::vector<size_t> last_;  // the last block at each stride
  std::vector<int64_t> channels_;
};

}  // namespace iuf
