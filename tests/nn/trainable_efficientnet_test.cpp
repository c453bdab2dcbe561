#include "nn/trainable_efficientnet.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "iuf/selfcheck/comparison.h"
#include "support/golden.h"

using namespace iuf;

namespace {

Tensor test_image(int64_t batch, int64_t height, int64_t width) {
  Tensor x = generated_values("image", {batch, height, width, 3});
  for (real& v : x.span()) v = 4 * v - 2;
  return x;
}

}  // namespace

TEST_CASE("the trainable Lite0 computes the features of the one that only runs", "[nn][trainable]") {
  const TrainableEfficientNet network = TrainableEfficientNet::embedded();
  const Tensor image = test_image(2, 75, 96);
  const std::vector<Tensor> maps = Backbone::embedded().features(image);
  const double close = rounding(33, 672);
  check_close("before", network.before(5, Var(image)).value(), maps[2], close);  // stride 8 ends with block 4
  check_close("from", network.from(5, Var(maps[2])).value(), maps[3], close);
  check_close("all", network.before(11, Var(image)).value(), maps[3], close);
}

TEST_CASE("a gradient step on trained blocks lowers the loss and leaves the others alone", "[nn][trainable]") {
  TrainableEfficientNet network = TrainableEfficientNet::embedded();
  std::vector<NamedVar> trained;
  network.visit_from(9, [&](const std::string& name, Var& tensor, Role role) {
    if (role == Role::parameter) trained.push_back({name, tensor});
  });
  for (NamedVar& p : trained) p.var.set_requires_grad(true);
  CHECK(trained.size() == 2 * 9);
  const Var input = network.before(9, Var(test_image(2, 64, 64)));
  CHECK_FALSE(input.requires_grad());
  const Var target(generated_values("target", {2, 4, 4, 112}));
  const auto loss = [&] { return mse(network.from(9, input), target); };
  const Var first = loss();
  backward(first);
  double square = 0;
  for (const NamedVar& p : trained) {
    INFO(p.name);
    REQUIRE(p.var.grad().defined());
    for (const real g : p.var.grad().span()) square += static_cast<double>(g) * static_cast<double>(g);
  }
  // To first order a step of -s * gradient lowers the loss by s * |gradient|^2.
  const double step = 1e-3 * static_cast<double>(first.value().item()) / square;
  for (NamedVar& p : trained)
    for (int64_t i = 0; i < p.var.value().size(); ++i)
      p.var.mutable_value().data()[i] -= static_cast<real>(step) * p.var.grad().data()[i];
  const double fell = static_cast<double>(first.value().item()) - static_cast<double>(loss().value().item());
  CHECK(fell / (step * square) == Approx(1).epsilon(0.05));
}

TEST_CASE("networks with squeeze and excitation are refused", "[nn][trainable]") {
  CHECK_THROWS_WITH(TrainableEfficientNet(efficientnet_variants().front()), Catch::Contains("efficientnet_b0"));
}
