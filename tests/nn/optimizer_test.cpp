#include "nn/optimizer.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "nn/schedule.h"

using namespace iuf;

TEST_CASE("AdamW follows its definition over many steps", "[nn][optimizer]") {
  std::vector<NamedVar> parameters{{"w", Var(Tensor({1}, std::vector<real>{2}), RequiresGrad::yes)}};
  Optimizer optimizer({.weight_decay = 0.1});
  double theta = 2, m = 0, v = 0;
  for (int step = 1; step <= 50; ++step) {
    const double g = std::sin(step) + theta;
    parameters[0].var.set_grad(Tensor({1}, std::vector<real>{static_cast<real>(g)}));
    optimizer.step(parameters, 0.01);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    theta -= 0.01 * 0.1 * theta;
    theta -= 0.01 * (m / (1 - std::pow(0.9, step))) / (std::sqrt(v / (1 - std::pow(0.999, step))) + 1e-8);
    CHECK(static_cast<double>(parameters[0].var.value().item()) == Approx(theta).epsilon(1e-5));
    CHECK_FALSE(parameters[0].var.grad().defined());
  }
}

TEST_CASE("SGD subtracts the rate times the gradient", "[nn][optimizer]") {
  std::vector<NamedVar> parameters{{"w", Var(Tensor({1}, std::vector<real>{2}), RequiresGrad::yes)}};
  Optimizer optimizer({.kind = OptimizerKind::sgd, .weight_decay = 0});
  parameters[0].var.set_grad(Tensor({1}, std::vector<real>{real(0.5)}));
  optimizer.step(parameters, 1);
  CHECK(parameters[0].var.value().item() == real(1.5));
}

TEST_CASE("a filter changes the update of the parameters that it wants and of no other", "[nn][optimizer]") {
  std::vector<NamedVar> parameters{{"a", Var(Tensor({1}, std::vector<real>{1}), RequiresGrad::yes)},
                                   {"b", Var(Tensor({1}, std::vector<real>{1}), RequiresGrad::yes)}};
  for (NamedVar& p : parameters) p.var.set_grad(Tensor::full({1}, 1));
  Optimizer optimizer({.kind = OptimizerKind::sgd, .weight_decay = 0});
  optimizer.step(parameters, 0.5,
                 {.wants = [](const std::string& name) { return name == "a"; },
                  .apply = [](const std::string&, Tensor& u) { u.data()[0] *= 0.5f; }});
  CHECK(parameters[0].var.value().item() == real(0.75));
  CHECK(parameters[1].var.value().item() == real(0.5));
}

TEST_CASE("gradients are clipped together and only when they are too long", "[nn][optimizer]") {
  std::vector<NamedVar> parameters{{"a", Var(Tensor::zeros({1}), RequiresGrad::yes)},
                                   {"b", Var(Tensor::zeros({1}), RequiresGrad::yes)}};
  const auto set = [&] {
    parameters[0].var.set_grad(Tensor::full({1}, 3));
    parameters[1].var.set_grad(Tensor::full({1}, 4));
  };
  set();
  CHECK(clip_gradients(parameters, 10) == 5);
  CHECK(parameters[1].var.grad().item() == 4);
  CHECK(clip_gradients(parameters, 1) == 5);
  CHECK(static_cast<double>(parameters[1].var.grad().item()) == Approx(0.8).epsilon(1e-5));
}

TEST_CASE("the one-cycle schedule warms up to its peak and ends near zero", "[nn][schedule]") {
  const ScheduleOptions o{.kind = ScheduleKind::one_cycle, .peak = 1e-3};
  // PyTorch: OneCycleLR(max_lr=1e-3, total_steps=100) gives 4e-5 at 0, 1e-3 at 29, 4e-9 at 99.
  CHECK(learning_rate(o, 0, 100) == Approx(4e-5));
  CHECK(learning_rate(o, 29, 100) == Approx(1e-3));
  CHECK(learning_rate(o, 99, 100) == Approx(4e-9));
  CHECK(learning_rate({.kind = ScheduleKind::step, .peak = 1}, 79, 100) == 1);
  CHECK(learning_rate({.kind = ScheduleKind::step, .peak = 1}, 80, 100) == Approx(0.1));
}
