#include "nn/resnet.h"

#include <catch2/catch.hpp>
#include <vector>

#include "iuf/selfcheck/selfcheck.h"
#include "support/golden.h"
#include "tensor/parallel.h"

using namespace iuf;

TEST_CASE("features of a ResNet are equal for every batch size and number of threads", "[nn][backbone]") {
  const Backbone backbone = generated_backbone("resnet18");
  const Tensor images = generated_values("image", {3, 75, 51, 3});
  const int before = thread_count();
  set_thread_count(1);
  const std::vector<Tensor> expected = backbone.features(images);
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    const std::vector<Tensor> all = backbone.features(images), single = backbone.features(images.rows(2, 1));
    for (size_t level = 0; level < all.size(); ++level) {
      CHECK(equal(all[level], expected[level]));
      CHECK(equal(single[level], expected[level].rows(2, 1)));
    }
  }
  set_thread_count(before);
}
