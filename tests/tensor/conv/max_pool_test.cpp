#include "tensor/conv/max_pool.h"

#include <catch2/catch.hpp>
#include <utility>

#include "support/golden.h"
#include "tensor/random.h"

using namespace iuf;

TEST_CASE("max pooling equals its slow twin, padding counting as minus infinity", "[tensor][conv]") {
  Tensor x({2, 9, 7, 5});
  fill_uniform(x, -2, -1, 1);
  for (const auto& [size, options] : {std::pair<int64_t, kernel::ConvOptions>{3, kernel::ConvOptions::centred(3, 2)},
                                      {2, {.stride = 2}},
                                      {3, {.stride = 1, .rows = {2, 0}, .columns = {0, 1}}}})
    CHECK(equal(kernel::max_pool(x, size, options), kernel::max_pool_naive(x, size, options)));
}

TEST_CASE("a tie in max pooling gives the gradient to the first", "[tensor][conv]") {
  const Tensor x = Tensor::full({1, 2, 2, 1}, 7);
  const Tensor y = kernel::max_pool(x, 2, {.stride = 2}),
               dx = kernel::max_pool_backward(Tensor::full({1, 1, 1, 1}, 3), x, y, 2, {.stride = 2});
  CHECK(y.item() == 7);
  CHECK(dx.data()[0] == 3);
  CHECK(dx.data()[1] + dx.data()[2] + dx.data()[3] == 0);
}
