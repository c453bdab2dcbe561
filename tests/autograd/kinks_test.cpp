#include <catch2/catch.hpp>

#include "autograd/ops.h"

using namespace iuf;

namespace {

// d activate(x) / dx, fused behind a product with 1 or on its own.
std::vector<real> slopes(Activation kind, std::vector<real> at, bool fused) {
  const auto n = static_cast<int64_t>(at.size());
  Var x(Tensor({n, 1}, at), true);
  const Var y = fused ? linear(x, Var(Tensor::full({1, 1}, 1)), Var(), kind) : activate(kind, x);
  backward(sum(y));
  return {x.grad().data(), x.grad().data() + n};
}

}  // namespace

TEST_CASE("at a kink the slope is PyTorch's: that of the flat side", "[autograd][kink]") {
  constexpr real tiny = real(1e-30), near6 = real(6) - real(1e-5), above6 = real(6) + real(1e-5);
  for (const bool fused : {false, true})
    CHECK(slopes(Activation::relu, {-1, -tiny, 0, tiny, 1}, fused) == std::vector<real>{0, 0, 0, 1, 1});
  CHECK(slopes(Activation::relu6, {-1, -tiny, 0, tiny, 3, near6, 6, above6, 7}, false) ==
        std::vector<real>{0, 0, 0, 1, 1, 1, 0, 0, 0});
}
