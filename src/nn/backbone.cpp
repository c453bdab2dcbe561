#include "nn/backbone.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "nn/efficientnet.h"
#include "nn/embedded_weights.h"
#include "nn/hash.h"
#include "nn/resnet.h"
#include "nn/safetensors.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

uint64_t hash_state(const std::string& name, const std::vector<std::pair<std::string, Tensor>>& state) {
  uint64_t hash = fnv1a(name);
  for (const auto& [key, tensor] : state) {
    const std::span<const std::byte> bytes = std::as_bytes(tensor.span());
    hash = fnv1a({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, fnv1a(key, hash));
  }
  return hash;
}

std::shared_ptr<const FeatureNetwork> make_network(const BackboneInfo& info, WeightReader& reader) {
  for (const EfficientNetVariant& v : efficientnet_variants())
    if (v.name == info.name) return std::make_shared<EfficientNet>(v, reader);
  for (const ResNetVariant& v : resnet_variants())
    if (v.name == info.name) return std::make_shared<ResNet>(v, reader);
  return nullptr;
}

}  // namespace

const std::vector<BackboneInfo>& known_backbones() {
  static const std::vector<BackboneInfo> all = [] {
    std::vector<BackboneInfo> infos;
    for (const EfficientNetVariant& v : efficientnet_variants()) infos.push_back(describe(v));
    for (const ResNetVariant& v : resnet_variants()) infos.push_back(describe(v));
    return infos;
  }();
  return all;
}

const BackboneInfo& backbone_info(const std::string& name) {
  std::vector<std::string> names;
  for (const BackboneInfo& info : known_backbones()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  fail("backbone: there is no '", name, "'; known are ", joined(names));
}

Backbone Backbone::load(const std::string& name, const TensorFile& weights, const std::string& prefix) {
  Backbone backbone;
  backbone.info_ = &backbone_info(name);
  WeightReader reader(weights, prefix);
  backbone.network_ = make_network(*backbone.info_, reader);
  backbone.state_ = reader.finish(*backbone.info_);
  backbone.deep_ = std::size(backbone.state_) > std::size(tensors(name));
  backbone.hash_ = hash_state(name, backbone.state_);
  return backbone;
}

Backbone Backbone::shallow() const {
  if (!deep_) return *this;
  Backbone backbone = *this;
  backbone.deep_ = false;
  backbone.state_.resize(tensors(info_->name).size());
  backbone.hash_ = hash_state(info_->name, backbone.state_);
  return backbone;
}

Backbone Backbone::embedded() {
  return load("efficientnet_lite0", parse_safetensors(embedded_lite0(), "embedded efficientnet_lite0 weights"));
}

std::vector<std::pair<std::string, Shape>> Backbone::tensors(const std::string& name) {
  const TensorFile nothing("nothing");
  WeightReader reader(nothing, "");
  make_network(backbone_info(name), reader);
  return reader.wanted();
}

bool Backbone::fits(const std::string& name, const TensorFile& weights, const std::string& prefix) {
  for (const auto& [tensor, shape] : tensors(name)) {
    if (!weights.contains(prefix + tensor)) return false;
    const std::vector<int64_t>& stored = weights.shape(prefix + tensor);
    if (!std::equal(stored.begin(), stored.end(), shape.begin(), shape.end())) return false;
  }
  return true;
}

std::vector<Tensor> Backbone::features(const Tensor& image, size_t levels) const {
  if (levels > info_->strides.size() && !deep_) fail("backbone ", info_->name, ": its weights end at stride 16");
  if (image.rank() != 4 || image.dim(1) < 1 || image.dim(2) < 1 || image.dim(3) != 3)
    fail("backbone ", info_->name, ": needs images of shape [B, H, W, 3], not ", image.shape());
  return network_->features(image, levels);
}

Tensor WeightReader::take(const std::string& name, const Shape& shape) {
  const std::string key = prefix_ + name;
  wanted_.emplace_back(name, shape);
  if (!file_.contains(key)) {
    missing_.push_back(key);
    return Tensor::zeros(shape);
  }
  const std::vector<int64_t>& stored = file_.shape(key);
  if (!std::equal(stored.begin(), stored.end(), shape.begin(), shape.end())) {
    std::string text;
    for (int64_t dim : stored) text += (text.empty() ? "" : ", ") + std::to_string(dim);
    misshapen_.push_back(key + " is [" + text + "], not " + shape.text());
    return Tensor::zeros(shape);
  }
  return taken_.emplace_back(name, file_.tensor(key)).second;
}

WeightReader::Norm WeightReader::take_norm(const std::string& name, int64_t channels, double epsilon) {
  const Tensor weight = take(name + ".weight", {channels}), bias = take(name + ".bias", {channels});
  const Tensor mean = take(name + ".running_mean", {channels}), variance = take(name + ".running_var", {channels});
  Norm norm;
  for (int64_t c = 0; c < channels; ++c) {
    const double scale = weight.data()[c] / std::sqrt(variance.data()[c] + epsilon);
    norm.scale.push_back(static_cast<real>(scale));
    norm.offset.push_back(static_cast<real>(bias.data()[c] - mean.data()[c] * scale));
  }
  return norm;
}

kernel::ConvFilter WeightReader::take_conv(const std::string& name, const std::string& norm, const Shape& shape,
                                           double epsilon) {
  const Tensor weight = take(name + ".weight", shape);
  const Norm n = take_norm(norm, shape[0], epsilon);
  return kernel::pack_conv(weight, n.scale, n.offset);
}

kernel::DepthwiseFilter WeightReader::take_depthwise(const std::string& name, const std::string& norm, int64_t channels,
                                                     int64_t size, int64_t stride, double epsilon) {
  const Tensor weight = take(name + ".weight", {channels, 1, size, size});
  const Norm n = take_norm(norm, channels, epsilon);
  return kernel::pack_depthwise(weight, n.scale, n.offset, stride);
}

kernel::ConvFilter WeightReader::take_pointwise(const std::string& name, int64_t inputs, int64_t outputs) {
  const Tensor weight = take(name + ".weight", {outputs, inputs, 1, 1}), bias = take(name + ".bias", {outputs});
  return kernel::pack_conv(weight, std::vector<real>(static_cast<size_t>(outputs), 1), bias.span());
}

std::vector<std::pair<std::string, Tensor>> WeightReader::finish(const BackboneInfo& info) {
  if (missing_.empty() && misshapen_.empty()) return std::move(taken_);
  fail(file_.path(), ": not the weights of ", info.name, "; ",
       missing_.empty() ? "" : "missing: " + joined(missing_) + (misshapen_.empty() ? "; " : "; "),
       misshapen_.empty() ? "" : "of another shape: " + joined(misshapen_) + "; ", "needed is ", info.weights_hint);
}

}  // namespace iuf
