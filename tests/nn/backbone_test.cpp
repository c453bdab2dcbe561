#include "nn/backbone.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <span>
#include <string>
#include <vector>

#include "support/message_of.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

// The state as a file holds it, with one change.
TensorFile stored(const std::vector<std::pair<std::string, Tensor>>& state, const std::string& without = "",
                  const std::string& reshaped = "") {
  TensorFile file("changed.safetensors");
  for (const auto& [name, tensor] : state) {
    if (name == without) continue;
    std::vector<int64_t> shape(tensor.shape().begin(), tensor.shape().end());
    if (name == reshaped) shape.push_back(1);
    file.add(name, {.dtype = kRealDType, .shape = shape, .bytes = std::as_bytes(tensor.span())});
  }
  return file;
}

}  // namespace

TEST_CASE("a backbone loaded from its own state gives equal features", "[nn][backbone]") {
  const Backbone original = Backbone::embedded();
  const TensorFile file = stored(original.state());
  const Backbone copy = Backbone::load("efficientnet_lite0", file);
  CHECK(copy.content_hash() == original.content_hash());
  Tensor image({1, 64, 64, 3});
  for (int64_t i = 0; i < image.size(); ++i) image.data()[i] = static_cast<real>(i % 251) / 125 - 1;
  const std::vector<Tensor> a = original.features(image), b = copy.features(image);
  REQUIRE(a.size() == 4);
  for (size_t level = 0; level < 4; ++level) {
    CHECK(a[level].dim(3) == original.info().channels[level]);
    CHECK(a[level].dim(1) == 64 / original.info().strides[level]);
    CHECK(std::equal(a[level].data(), a[level].data() + a[level].size(), b[level].data()));
  }
}

TEST_CASE("the content hash changes with a single weight", "[nn][backbone]") {
  const Backbone original = Backbone::embedded();
  std::vector<std::pair<std::string, Tensor>> state = original.state();
  state[5].second = state[5].second.clone();
  state[5].second.data()[3] += 1;
  CHECK(Backbone::load("efficientnet_lite0", stored(state)).content_hash() != original.content_hash());
}

TEST_CASE("weights that are missing or have another shape are all named", "[nn][backbone]") {
  const auto state = Backbone::embedded().state();
  const std::string text = message_of(
      [&] { Backbone::load("efficientnet_lite0", stored(state, "_blocks.3._bn1.weight", "_conv_stem.weight")); });
  CHECK_THAT(text, Catch::Contains("changed.safetensors"));
  CHECK_THAT(text, Catch::Contains("_blocks.3._bn1.weight"));
  CHECK_THAT(text, Catch::Contains("_conv_stem.weight is [32, 3, 3, 3, 1], not [32, 3, 3, 3]"));
  CHECK_THAT(text, Catch::Contains("efficientnet_lite0"));
}

TEST_CASE("images that no backbone can take are refused", "[nn][backbone]") {
  const Backbone backbone = Backbone::embedded();
  CHECK_THAT(message_of([&] { backbone.features(Tensor::zeros({1, 3, 64, 64})); }), Catch::Contains("[1, 3, 64, 64]"));
  CHECK_THAT(message_of([&] { backbone.features(Tensor::zeros({1, 1, 1, 3})); }), Catch::Contains("too small"));
  CHECK(backbone.features(Tensor::zeros({0, 64, 64, 3})).front().dim(0) == 0);
}
