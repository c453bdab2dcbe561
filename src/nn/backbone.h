#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nn/tensor_file.h"
#include "tensor/conv/depthwise_inference.h"
#include "tensor/conv/inference.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace iuf {

/// A frozen feature extractor: the maps of a network trained on ImageNet at strides 2, 4, 8 and 16, and at 32 where its
/// weights are there.
struct BackboneInfo {
  std::string name;                          // "efficientnet_b4"
  int native_size = 224;                     // image size it was trained for
  std::array<float, 3> mean{}, deviation{};  // of RGB values 0..255: input = (value - mean) / deviation
  std::vector<int> strides{};
  std::vector<int64_t> channels{};  // of the map at each stride
  int64_t deep_channels = 0;        // of the map at stride 32; 0: the network is known up to stride 16 alone
  double operations = 0;            // multiply-adds of its convolutions up to stride 16 for a pixel of the image
  double deep_operations = 0;       // of those behind
  std::string weights_hint{};       // which file, in which format, and where people usually get it
};
const std::vector<BackboneInfo>& known_backbones();
/// Throws Error listing the known names.
const BackboneInfo& backbone_info(const std::string& name);

/// Of RGB values 0..255, as most networks are trained.
constexpr std::array<float, 3> kImageNetMean = {123.675f, 116.28f, 103.53f},
                               kImageNetDeviation = {58.395f, 57.12f, 57.375f};

/// What a network looks like from outside; see EfficientNet and ResNet.
class FeatureNetwork {
 public:
  virtual ~FeatureNetwork() = default;
  /// The maps of the first `levels` strides.
  virtual std::vector<Tensor> features(const Tensor& image, size_t levels) const = 0;
};

class Backbone {
 public:
  /// Takes what the network needs from `weights`, whose keys start with `prefix`. Throws Error naming every key that is
  /// missing or has another shape; other keys (classifier, later blocks) are ignored. The blocks at stride 32 are taken
  /// where they are.
  static Backbone load(const std::string& name, const TensorFile& weights, const std::string& prefix = "");
  /// EfficientNet-Lite0 with the weights inside the program.
  static Backbone embedded();
  /// Names and shapes of the tensors that load() needs.
  static std::vector<std::pair<std::string, Shape>> tensors(const std::string& name);
  /// Whether all of them are in a file, under `prefix`.
  static bool fits(const std::string& name, const TensorFile& weights, const std::string& prefix = "");

  const BackboneInfo& info() const { return *info_; }
  /// image: B x H x W x 3, normalised. Returns one B x h x w x C map per stride, equal bits for every batch size and
  /// thread count. Throws Error when the image is too small.
  std::vector<Tensor> features(const Tensor& image) const { return features(image, info_->strides.size()); }
  /// The same, and the map of stride 32 behind them. Only where is_deep().
  std::vector<Tensor> deep_features(const Tensor& image) const { return features(image, info_->strides.size() + 1); }
  bool is_deep() const { return deep_; }
  /// The same without what lies behind stride 16.
  Backbone shallow() const;
  /// The tensors it was loaded from under their names in the checkpoint, for a model file. Loading them again gives
  /// equal features, bit for bit.
  const std::vector<std::pair<std::string, Tensor>>& state() const { return state_; }
  /// Of the name and the state: equal for equal features.
  uint64_t content_hash() const { return hash_; }

 private:
  Backbone() = default;
  std::vector<Tensor> features(const Tensor& image, size_t levels) const;
  const BackboneInfo* info_ = nullptr;
  bool deep_ = false;
  std::shared_ptr<const FeatureNetwork> network_;
  std::vector<std::pair<std::string, Tensor>> state_;
  uint64_t hash_ = 0;
};

/// Calls run(b) for each image: as many at once as there are threads, the rest one by one, each spread over the
/// threads.
template <class Run>
void for_images(int64_t batch, const Run& run) {
  const int64_t together = batch / thread_count() * thread_count();
  parallel_for(together, 1, [&](int64_t b, int64_t) { run(b); });
  for (int64_t b = together; b < batch; ++b) run(b);
}

/// Hands a network its weights and remembers what was missing, so that one error can name everything.
class WeightReader {
 public:
  WeightReader(const TensorFile& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {}

  bool contains(const std::string& name) const { return file_.contains(prefix_ + name); }
  /// The tensor of this name and shape; zeros when there is none.
  Tensor take(const std::string& name, const Shape& shape);
  /// Batch norm as a factor and an offset per channel: y = scale * x + offset.
  struct Norm {
    std::vector<real> scale, offset;
  };
  Norm take_norm(const std::string& name, int64_t channels, double epsilon);
  /// A convolution without bias (name.weight) and the batch norm behind it.
  kernel::ConvFilter take_conv(const std::string& name, const std::string& norm, const Shape& shape, double epsilon);
  kernel::DepthwiseFilter take_depthwise(const std::string& name, const std::string& norm, int64_t channels,
                                         int64_t size, int64_t stride, double epsilon);
  /// A 1 x 1 convolution with a bias.
  kernel::ConvFilter take_pointwise(const std::string& name, int64_t inputs, int64_t outputs);

  /// Every name asked for, with its shape.
  const std::vector<std::pair<std::string, Shape>>& wanted() const { return wanted_; }
  /// Throws Error when anything was missing or had another shape; otherwise gives all tensors taken.
  std::vector<std::pair<std::string, Tensor>> finish(const BackboneInfo& info);

 private:
  const TensorFile& file_;
  std::string prefix_;
  std::vector<std::pair<std::string, Shape>> wanted_;
  std::vector<std::string> missing_, misshapen_;
  std::vector<std::pair<std::string, Tensor>> taken_;
};

}  // namespace iuf
