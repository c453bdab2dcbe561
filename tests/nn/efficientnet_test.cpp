#include "nn/efficientnet.h"

#include <catch2/catch.hpp>

#include "nn/golden_features.h"
#include "nn/safetensors.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

using namespace iuf;

namespace {

const std::string kGolden = IUF_SOURCE_DIR "/tests/golden/";

// B x C x H x W as PyTorch lays it out, to B x H x W x C.
Tensor channels_last(const Tensor& x) {
  const int64_t b = x.dim(0), c = x.dim(1), pixels = x.dim(2) * x.dim(3);
  Tensor y({b, x.dim(2), x.dim(3), c});
  for (int64_t i = 0; i < b; ++i)
    for (int64_t j = 0; j < c; ++j)
      for (int64_t p = 0; p < pixels; ++p) y.data()[(i * pixels + p) * c + j] = x.data()[(i * c + j) * pixels + p];
  return y;
}

// Every map at 1/16 of the image, side by side.
Tensor aligned(const std::vector<Tensor>& maps) {
  const int64_t b = maps.back().dim(0), h = maps.back().dim(1), w = maps.back().dim(2);
  int64_t channels = 0, at = 0;
  for (const Tensor& m : maps) channels += m.dim(3);
  Tensor out({b, h, w, channels});
  for (const Tensor& m : maps) {
    const Tensor r = resize_bilinear(m, h, w, true);
    for (int64_t p = 0; p < b * h * w; ++p)
      std::copy_n(r.data() + p * m.dim(3), m.dim(3), out.data() + p * channels + at);
    at += m.dim(3);
  }
  return out;
}

}  // namespace

TEST_CASE("Lite0 with the embedded weights gives PyTorch's features", "[nn][backbone]") {
  const TensorFile golden = read_safetensors(kGolden + "efficientnet_lite0.safetensors");
  const std::vector<Tensor> maps = Backbone::embedded().features(channels_last(golden.tensor("in.image")));
  CHECK(relative_error(maps.back(), channels_last(golden.tensor("out.block10"))) < tolerance(33, 672));
  CHECK(relative_error(aligned(maps), channels_last(golden.tensor("out.aligned"))) < tolerance(33, 672));
}

TEST_CASE("B0 with random weights gives PyTorch's features", "[nn][backbone]") {
  const TensorFile golden = read_safetensors(kGolden + "efficientnet_b0.safetensors");
  const Backbone backbone = Backbone::load("efficientnet_b0", golden, "param.");
  const std::vector<Tensor> maps = backbone.features(channels_last(golden.tensor("in.image")));
  CHECK(relative_error(maps.back(), channels_last(golden.tensor("out.block10"))) < tolerance(33, 672));
  CHECK(relative_error(aligned(maps), channels_last(golden.tensor("out.aligned"))) < tolerance(33, 672));
}

TEST_CASE("every EfficientNet gives the features that PyTorch gives for generated weights", "[nn][backbone]") {
  for (const EfficientNetVariant& v : efficientnet_variants()) check_generated<EfficientNet>(v);
}

TEST_CASE("features are equal for every batch size and number of threads", "[nn][backbone]") {
  const TensorFile golden = read_safetensors(kGolden + "efficientnet_b0.safetensors");
  const Backbone backbones[] = {Backbone::embedded(), Backbone::load("efficientnet_b0", golden, "param.")};
  const Tensor images = uniform("image", {3, 75, 51, 3});
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
