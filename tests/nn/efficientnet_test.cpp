#include "nn/efficientnet.h"

#include <catch2/catch.hpp>
#include <vector>

#include "iuf/selfcheck/selfcheck.h"
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
