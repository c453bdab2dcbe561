#include "autograd/var.h"

#include <catch2/catch.hpp>
#include <functional>

#include "autograd/ops.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;

TEST_CASE("a gradient of another shape than its value is an error that names the operation and both shapes",
          "[autograd]") {
  const Var x(Tensor::zeros({2, 3}), RequiresGrad::yes);
  const Var wrong = record("wrong", Tensor::scalar(0), {x}, [x](const Tensor&) {
    x.accumulate(Tensor::zeros({3, 2}));
  });
  CHECK_THROWS_WITH(backward(scale(wrong, 2)),
                    Catch::Contains("backward of 'wrong'") && Catch::Contains("[3, 2]") && Catch::Contains("[2, 3]"));
}

TEST_CASE("rows of a gradient that do not fit their value are the same error", "[autograd]") {
  const Var x(Tensor::zeros({4, 3}), RequiresGrad::yes);
  const Var wrong = record("wrong", Tensor::scalar(0), {x}, [x](const Tensor&) {
    x.accumulate_rows(Tensor::zeros({2, 5}), 1);
  });
  CHECK_THROWS_WITH(backward(wrong),
                    Catch::Contains("backward of 'wrong'") && Catch::Contains("[2, 5]") && Catch::Contains("[4, 3]"));
}

TEST_CASE("another error of a backward pass is passed on as it is", "[autograd]") {
  const Var x(Tensor::zeros({2}), RequiresGrad::yes);
  const Var broken = record("broken", Tensor::scalar(0), {x}, [](const Tensor&) { fail("no space left"); });
  CHECK_THROWS_WITH(backward(broken), "no space left");
}

TEST_CASE("operators are the operations that they stand for, bit for bit", "[autograd]") {
  Tensor x({3, 4}), y({4});
  fill_uniform(x, -1, 1, 1);
  fill_uniform(y, -1, 1, 2);
  const auto same = [&](const std::function<Var(const Var&, const Var&)>& one,
                        const std::function<Var(const Var&, const Var&)>& other) {
    const Var a[] = {Var(x, RequiresGrad::yes), Var(x, RequiresGrad::yes)},
              b[] = {Var(y, RequiresGrad::yes), Var(y, RequiresGrad::yes)};
    const Var got[] = {one(a[0], b[0]), other(a[1], b[1])};
    for (const Var& v : got) backward(sum(v));
    const auto equal = [](const Tensor& p, const Tensor& q) { return std::ranges::equal(p.span(), q.span()); };
    return equal(got[0].value(), got[1].value()) && equal(a[0].grad(), a[1].grad()) && equal(b[0].grad(), b[1].grad());
  };
  CHECK(same([](const Var& a, const Var& b) { return a + b; }, add));
  CHECK(same([](const Var& a, const Var& b) { return a - b; }, sub));
  CHECK(same([](const Var& a, const Var& b) { return a * b; }, mul));
  CHECK(same([](const Var& a, const Var& b) { return real(0.3) * a + b * real(7); },
             [](const Var& a, const Var& b) { return add(scale(a, real(0.3)), scale(b, 7)); }));
}
