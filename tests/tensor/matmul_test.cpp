#include "tensor/matmul.h"

#include <catch2/catch.hpp>

#include "support/golden.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;

TEST_CASE("a product that is added equals sums written out, transposed or not", "[tensor][gemm]") {
  const int64_t m = 7, k = 5, n = 9;
  Tensor a({m, k}), a_transposed({k, m}), b({k, n}), y({m, n});
  fill_uniform(a, -1, 1, 1);
  fill_uniform(b, -1, 1, 2);
  fill_uniform(y, -1, 1, 3);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < k; ++j) a_transposed.data()[j * m + i] = a.data()[i * k + j];
  Tensor expected = y.clone();
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t l = 0; l < k; ++l) expected.data()[i * n + j] += a.data()[i * k + l] * b.data()[l * n + j];
  Tensor plain = y.clone(), transposed = y.clone();
  kernel::add_matmul(plain, a, b);
  kernel::add_matmul(transposed, a_transposed, b, Trans::yes);
  check_close("plain", plain, expected, 1e-6);
  check_close("transposed", transposed, expected, 1e-6);
}

TEST_CASE("a product that does not fit what it is added to is an error that names all three shapes", "[tensor][gemm]") {
  Tensor y = Tensor::zeros({2, 4});
  CHECK_THROWS_WITH(kernel::add_matmul(y, Tensor::zeros({2, 3}), Tensor::zeros({3, 5})),
                    Catch::Contains("[2, 4] += [2, 3] * [3, 5]"));
  CHECK_THROWS_WITH(kernel::add_matmul(y, Tensor::zeros({2, 3}), Tensor::zeros({3, 4}), Trans::yes),
                    Catch::Contains("[2, 3]^T * [3, 4]"));
  CHECK_THROWS_AS(kernel::add_matmul(y, Tensor::zeros({2}), Tensor::zeros({1, 4})), Error);
}
