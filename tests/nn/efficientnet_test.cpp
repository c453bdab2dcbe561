#include "nn/efficientnet.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "iuf/selfcheck/selfcheck.h"
#include "nn/safetensors.h"
#include "support/golden.h"
#include "tensor/parallel.h"

using namespace iuf;

TEST_CASE("features are equal for every batch size and number of threads", "[nn][backbone]") {
  const TensorFile weights = golden("efficientnet_b0");
  const Backbone backbones[] = {Backbone::embedded(), Backbone::load("efficientnet_b0", weights, "param.")};
  const Tensor images = generated_values("image", {3, 75, 51, 3});
  const int before = thread_count();
  for (const Backbone& backbone : backbones) {
    set_thread_count(1);
    const std::vector<Tensor> expected = backbone.features(images);
    for (int threads : {1, 2, 3}) {
      set_thread_count(threads);
      for (int64_t b = 0; b < 3; ++b) {
        const std::vector<Tensor> single = backbone.features(images.rows(b, 1));
        for (size_t level = 0; level < single.size(); ++level) CHECK(equal(single[level], expected[level].rows(b, 1)));
      }
      const std::vector<Tensor> all = backbone.features(images);
      for (size_t level = 0; level < all.size(); ++level) CHECK(equal(all[level], expected[level]));
    }
  }
  set_thread_count(before);
}

TEST_CASE("the map of stride 32 is the reference's, and only there where its weights are", "[nn][backbone]") {
  const TensorFile reference = golden("parts/efficientnet_lite0_deep");
  const Backbone deep = Backbone::embedded(), shallow = deep.shallow();
  const Tensor image = reference.tensor("image");
  const std::vector<Tensor> maps = deep.deep_features(image), plain = deep.features(image);
  REQUIRE(maps.size() == plain.size() + 1);
  for (size_t level = 0; level < plain.size(); ++level) CHECK(equal(maps[level], plain[level]));
  for (const auto& [name, map] : {std::pair("stride16", maps[3]), std::pair("stride32", maps[4])}) {
    const Tensor expected = reference.tensor(name);
    REQUIRE(map.shape() == expected.shape());
    real largest = 0;
    for (const real v : expected.span()) largest = std::max(largest, std::abs(v));
    for (int64_t i = 0; i < map.size(); ++i)
      CHECK(map.data()[i] == Approx(expected.data()[i]).margin(1e-5 * static_cast<double>(largest)));
  }
  CHECK(deep.is_deep());
  CHECK_FALSE(shallow.is_deep());
  CHECK(shallow.content_hash() != deep.content_hash());
  CHECK_THROWS_WITH(shallow.deep_features(image), Catch::Contains("stride 16"));
  for (size_t level = 0; level < plain.size(); ++level) CHECK(equal(shallow.features(image)[level], plain[level]));
  // What is stored of both is loaded as it was.
  for (const Backbone& backbone : {deep, shallow}) {
    SafetensorsWriter writer;
    for (const auto& [name, tensor] : backbone.state()) writer.add(name, tensor);
    const std::vector<std::byte> bytes = writer.bytes();
    const Backbone copy = Backbone::load("efficientnet_lite0", parse_safetensors(bytes, "copy"));
    CHECK(copy.is_deep() == backbone.is_deep());
    CHECK(copy.content_hash() == backbone.content_hash());
  }
}
