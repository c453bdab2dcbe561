#include "iuf/methods/draem_network.h"

#include <catch2/catch.hpp>

#include "iuf/selfcheck/selfcheck.h"
#include "support/golden.h"
#include "tensor/reduce.h"

using namespace iuf;

namespace {

// weight() of tests/golden/make_convolutional.py.
void generate(const std::string& name, Var& tensor) {
  const Shape& shape = tensor.shape();
  Tensor x = generated_values(name, shape);
  const auto bound = static_cast<real>(shape.rank() == 4 ? std::sqrt(6.0 / static_cast<double>(shape.size(1, 4))) : 0);
  for (real& v : x.span()) {
    if (shape.rank() == 4)
      v = (2 * v - 1) * bound;
    else
      v = name.ends_with("weight") ? real(0.5) * v + real(0.25) : real(0.2) * v + real(2.4);
  }
  tensor.mutable_value() = x;
}

}  // namespace

TEST_CASE("a training step of DRAEM has PyTorch's losses, gradients and statistics", "[iuf][draem]") {
  const TensorFile file = golden("parts/convolutional");
  const int64_t size = std::stoll(file.metadata("size")), batch = std::stoll(file.metadata("batch")),
                step = std::stoll(file.metadata("step"));
  Random random{1};
  DraemNetwork network(std::stoll(file.metadata("width")), random);
  network.visit([](const std::string& name, Var& tensor, Role role) {
    if (role == Role::parameter) generate(name, tensor);
  });
  const Tensor normal = generated_values("normal", {batch, size, size, 3});
  const Var pasted(generated_values("pasted", {batch, size, size, 3}));
  std::vector<int64_t> labels;
  const Tensor drawn = generated_values("labels", {batch, size, size});
  for (const real v : drawn.span()) labels.push_back(v > real(0.8));
  const DraemLoss loss = draem_loss(network(pasted, {.training = true}), normal, labels);
  const Tensor losses = file.tensor("draem.losses");
  CHECK(loss.reconstruction.value().item() == Approx(losses.data()[0]).epsilon(1e-5));
  CHECK(loss.segmentation.value().item() == Approx(losses.data()[1]).epsilon(1e-5));
  backward(loss.total);
  size_t compared = 0;
  network.visit([&](const std::string& name, Var& tensor, Role role) {
    INFO(name);
    // PyTorch's own gradients in float and in double differ by up to 4e-4 here: 40 layers, each normalised.
    if (role == Role::buffer) {
      if (name.ends_with("running_var")) check_close(name, tensor.value(), file.tensor("draem.buffer." + name), 1e-4);
      return;
    }
    const double norm = static_cast<double>(file.tensor("draem.norm." + name).item());
    const bool before_norm = name.ends_with(".bias") && norm < 1e-10;  // batch norm takes a bias away again
    CHECK(std::sqrt(kernel::sum_of_squares(tensor.grad())) ==
          Approx(norm).epsilon(2e-3).margin(before_norm ? 1e-5 : 0));
    const Tensor expected = file.tensor("draem.gradient." + name);
    double difference = 0;
    for (int64_t i = 0; i < expected.size(); ++i) {
      const double d = static_cast<double>(tensor.grad().data()[i * step] - expected.data()[i]);
      difference += d * d;
    }
    CHECK(std::sqrt(difference) <= 2e-3 * norm + (before_norm ? 1e-5 : 0));
    ++compared;
  });
  CHECK(compared == parameters(network).size());
}
