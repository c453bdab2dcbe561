#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "nn/backbone.h"
#include "nn/safetensors.h"

namespace iuf {

/// What two implementations in float may differ by, as a share of the root mean square: each layer's sums of `length`
/// products round to about sqrt(length) * 2^-24, in quadrature over the layers; the worst of some 10^5 values lies
/// about four deviations out.
inline double tolerance(double layers, double length) {
  return 4 * std::sqrt(length * layers) * std::pow(2.0, -24);
}

/// The largest difference as a share of the root mean square of the expected values.
inline double relative_error(const Tensor& x, const Tensor& expected) {
  REQUIRE(x.shape() == expected.shape());
  double square = 0, worst = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    square += static_cast<double>(expected.data()[i]) * expected.data()[i];
    const double difference = std::abs(x.data()[i] - expected.data()[i]);
    if (!(difference <= worst)) worst = difference;  // keeps a NaN
  }
  return worst / std::sqrt(square / static_cast<double>(x.size()));
}

/// uniform() of tests/golden/make_backbones.py.
inline Tensor uniform(const std::string& name, const Shape& shape) {
  uint64_t key = 0xCBF29CE484222325u;
  for (const char c : name) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) {
    uint64_t x = key + static_cast<uint64_t>(i) + 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    t.data()[i] = static_cast<real>(static_cast<float>(x >> 40) * 0x1p-24f);
  }
  return t;
}

/// The weights of that script for every name and shape the network asks for.
inline std::vector<std::pair<std::string, Tensor>> generated_weights(const WeightReader& reader) {
  std::vector<std::pair<std::string, Tensor>> weights;
  for (const auto& [name, shape] : reader.wanted()) {
    Tensor t = uniform(name, shape);
    const float bound =
        shape.rank() == 4 ? static_cast<float>(std::sqrt(3.0 / static_cast<double>(shape.size(1, 4)))) : 0;
    for (real& v : t.span())
      v = shape.rank() == 4 ? static_cast<real>((2 * static_cast<float>(v) - 1) * bound)
                            : v + (name.ends_with("running_var") || name.ends_with("weight") ? real(0.5) : real(-0.5));
    weights.emplace_back(name, t);
  }
  return weights;
}

/// A backbone with those weights. `layers` and `length`: convolutions, and products in the longest sum.
template <class Network, class Variant>
Backbone generated_backbone(const Variant& variant, double* layers = nullptr, double* length = nullptr) {
  const TensorFile nothing("nothing");
  WeightReader reader(nothing, "");
  const Network without_weights(variant, reader);
  const auto weights = generated_weights(reader);
  TensorFile file("generated");
  for (const auto& [name, tensor] : weights) {
    file.add(name, {.dtype = kRealDType,
                    .shape = {tensor.shape().begin(), tensor.shape().end()},
                    .bytes = std::as_bytes(tensor.span())});
    if (tensor.rank() != 4) continue;
    if (layers) *layers += 1;
    if (length) *length = std::max(*length, static_cast<double>(tensor.shape().size(1, 4)));
  }
  return Backbone::load(variant.name, file);
}

inline bool equal(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.data(), a.data() + a.size(), b.data());
}

/// Runs a network with generated weights on the generated image and compares every map with PyTorch's values.
template <class Network, class Variant>
void check_generated(const Variant& variant) {
  const TensorFile golden = read_safetensors(IUF_SOURCE_DIR "/tests/golden/backbones/features.safetensors");
  double layers = 0, length = 0;
  const Backbone backbone = generated_backbone<Network>(variant, &layers, &length);
  Tensor image = uniform("image", {1, std::stoll(golden.metadata("height")), std::stoll(golden.metadata("width")), 3});
  for (real& v : image.span()) v = 4 * v - 2;
  const std::vector<Tensor> maps = backbone.features(image);
  const int64_t step = std::stoll(golden.metadata("step"));
  for (size_t level = 0; level < maps.size(); ++level) {
    const std::string key = variant.name + "." + std::to_string(level);
    INFO(key);
    const std::vector<int64_t> shape = golden.integers(key + ".shape");
    REQUIRE(maps[level].shape() == Shape(shape));
    const Tensor expected = golden.tensor(key + ".values");
    Tensor values(expected.shape());
    for (int64_t i = 0; i < values.size(); ++i) values.data()[i] = maps[level].data()[i * step];
    CHECK(relative_error(values, expected) < tolerance(layers, length));
    double square = 0;
    for (const real v : maps[level].span()) square += static_cast<double>(v) * v;
    CHECK(square / static_cast<double>(maps[level].size()) ==
          Approx(golden.tensor(key + ".mean_square").item()).epsilon(tolerance(layers, length)));
  }
}

}  // namespace iuf
