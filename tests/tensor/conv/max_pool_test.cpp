#include "tensor/conv/max_pool.h"

#include <catch2/catch.hpp>

using namespace iuf;

TEST_CASE("a tie in max pooling gives the gradient to the first", "[tensor][conv]") {
  const Tensor x = Tensor::full({1, 2, 2, 1}, 7);
  const Tensor y = kernel::max_pool(x, 2, {.stride = 2}),
               dx = kernel::max_pool_backward(Tensor::full({1, 1, 1, 1}, 3), x, y, 2, {.stride = 2});
  CHECK(y.item() == 7);
  CHECK(dx.data()[0] == 3);
  CHECK(dx.data()[1] + dx.data()[2] + dx.data()[3] == 0);
}
