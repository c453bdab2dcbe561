#include "nn/external_key.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/golden.h"
#include "support/small_network.h"

using namespace iuf;

TEST_CASE("attention with an external key and bias equals the reference's", "[iuf][methods][golden]") {
  const TensorFile file = golden("parts/retention");
  const Tensor images = file.tensor("in.a");
  for (const bool external : {false, true}) {
    INFO(external);
    Reconstruction network = small_network(file, {.external_key = external});
    const Frozen frozen(network);
    const TrainingSet set = small_step(images, 0);
    const TrainingSet expected = small_step(file.tensor(external ? "out.external" : "out.plain"), 0);
    for (int64_t i = 0; i < set.count; ++i) {
      const Tensor feature = set.example(i).feature;
      Run run;
      const Tensor out = network({}, feature.reshape({1, feature.dim(0), feature.dim(1)}), run).feature_rec.value();
      check_close("feature_rec", out.reshape(feature.shape()), expected.example(i).feature, 1e-5);
    }
  }
}

TEST_CASE("an external key and bias of zero are plain attention", "[iuf][methods]") {
  Random random{3};
  const MultiheadAttention attention(8, 2, 0, random);
  const ExternalKey external(5, 8);
  Tensor x({3, 5, 8}), y({3, 5, 8}), mask = Tensor::zeros({5, 5});
  fill_normal(x, 0, 1, 1);
  fill_normal(y, 0, 1, 2);
  for (int64_t i = 0; i < 5; ++i) mask.data()[6 * i] = -INFINITY;
  Run run;
  for (const Tensor& m : {Tensor(), mask})
    check_close("output", external.attend(attention, Var(x), Var(y), Var(y), m, run).value(),
                attention(Var(x), Var(y), Var(y), m, run).value(), 1e-5);
}
