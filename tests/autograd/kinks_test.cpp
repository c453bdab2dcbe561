#include <catch2/catch.hpp>
#include <vector>

#include "autograd/ops.h"

using namespace iuf;

namespace {

enum class Form { alone, fused };  // behind a product with 1

// d activate(x) / dx
std::vector<real> slopes(Activation kind, std::vector<real> at, Form form) {
  const auto n = static_cast<int64_t>(at.size());
  Var x(Tensor({n, 1}, at), RequiresGrad::yes);
  const Var y = form == Form::fused ? linear(x, Var(Tensor::full({1, 1}, 1)), Var(), kind) : activate(kind, x);
  backward(sum(y));
  return {x.grad().data(), x.grad().data() + n};
}

}  // namespace

TEST_CASE("at a kink the slope is PyTorch's: that of the flat side", "[autograd][kink]") {
  constexpr real tiny = real(1e-30), near6 = real(6) - real(1e-5), above6 = real(6) + real(1e-5);
  for (const Form form : {Form::alone, Form::fused})
    CHECK(slopes(Activation::relu, {-1, -tiny, 0, tiny, 1}, form) == std::vector<real>{0, 0, 0, 1, 1});
  CHECK(slopes(Activation::relu6, {-1, -tiny, 0, tiny, 3, near6, 6, above6, 7}, Form::alone) ==
        std::vector<real>{0, 0, 0, 1, 1, 1, 0, 0, 0});
}
