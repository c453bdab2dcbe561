#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support/golden.h"
#include "support/random_tensor.h"
#include "tensor/elementwise.h"
#include "tensor/norm.h"
#include "tensor/permute.h"
#include "tensor/random.h"
#include "tensor/softmax.h"

// Fast kernels against the slow twins beside them.
using namespace iuf;

TEST_CASE("softmax equals its slow twin", "[tensor][softmax]") {
  for (const int64_t n : {1, 2, 15, 64, 1001}) {
    Tensor x = random_tensor({3, 7, n}, 1, -2, 3);
    if (n > 2) x.data()[1] = -INFINITY;
    check_close("softmax", kernel::softmax(x), kernel::softmax_naive(x), 1e-6);
  }
}

TEST_CASE("layer norm, alone and behind a sum, and batch norm equal their slow twins", "[tensor][norm]") {
  for (const int64_t n : {1, 5, 16, 100, 333}) {
    const Tensor x = random_tensor({4, 9, n}, 1, -2, 3), f = random_tensor({4, 9, n}, 2, -2, 3),
                 gamma = random_tensor({n}, 3, -2, 3), beta = random_tensor({n}, 4, -2, 3);
    const real eps = real(1e-3);
    check_close("layer_norm", kernel::layer_norm(x, gamma, beta, eps).y, kernel::layer_norm_naive(x, gamma, beta, eps),
                4e-6);
    check_close("batch_norm", kernel::batch_norm(x, gamma, beta, eps).y, kernel::batch_norm_naive(x, gamma, beta, eps),
                4e-6);
    const kernel::Dropout dropped{real(0.3), 7};
    const Tensor sum = kernel::add(x, kernel::dropout(f, dropped.rate, dropped.stream));
    check_close("add_norm", kernel::add_norm(x, f, gamma, beta, eps, dropped).norm.y,
                kernel::layer_norm_naive(sum, gamma, beta, eps), 4e-6);
  }
}

TEST_CASE("activations and their slopes keep to their definition", "[tensor][activation]") {
  const Tensor x = random_tensor({5, 1001}, 1, -2, 3), dy = random_tensor({5, 1001}, 2, -2, 3);
  for (const Activation f : {Activation::none, Activation::relu, Activation::relu6, Activation::silu, Activation::gelu,
                             Activation::sigmoid}) {
    INFO("activation " << static_cast<int>(f));
    const Tensor y = kernel::activate(f, x), dx = kernel::activate_backward(f, x, dy);
    for (int64_t i = 0; i < x.size(); ++i) {
      const auto at = static_cast<double>(x.data()[i]);
      REQUIRE(std::abs(static_cast<double>(y.data()[i]) - kernel::activation_naive(f, at)) < 2e-6);
      REQUIRE(std::abs(static_cast<double>(dx.data()[i]) -
                       static_cast<double>(dy.data()[i]) * kernel::activation_slope_naive(f, at)) < 6e-6);
    }
  }
}

TEST_CASE("a permutation of axes equals its slow twin", "[tensor][permute]") {
  const Tensor x = random_tensor({2, 3, 4, 5}, 1, -2, 3);
  for (const std::vector<int>& order : {std::vector<int>{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 3, 1, 2}, {2, 0, 1, 3}}) {
    const Tensor y = kernel::permute(x, order), expected = kernel::permute_naive(x, order);
    REQUIRE(y.shape() == expected.shape());
    CHECK(std::equal(y.data(), y.data() + y.size(), expected.data()));
  }
}
