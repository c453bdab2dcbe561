#include "iuf/stats/threshold.h"

#include <catch2/catch.hpp>

#include "tensor/error.h"

using namespace iuf;

TEST_CASE("Student's t quantiles equal the printed tables", "[iuf][threshold]") {
  // Three decimals are printed, so half a unit of the third is the most that a correct value is off.
  const auto near = [](double value) { return Approx(value).margin(6e-4).epsilon(0); };
  CHECK(student_quantile(0.975, 1) == near(12.706));
  CHECK(student_quantile(0.99, 1) == near(31.821));
  CHECK(student_quantile(0.99, 2) == near(6.965));
  CHECK(student_quantile(0.99, 7) == near(2.998));
  CHECK(student_quantile(0.995, 10) == near(3.169));
  CHECK(student_quantile(0.95, 30) == near(1.697));
  CHECK(student_quantile(0.99, 120) == near(2.358));
  CHECK(student_quantile(0.01, 7) == near(-2.998));
  CHECK(student_quantile(0.5, 5) == Approx(0).margin(1e-12));
  CHECK_THROWS_AS(student_quantile(1, 5), Error);
  CHECK_THROWS_AS(student_quantile(0.9, 0), Error);
}

TEST_CASE("a quantile lies between its neighbours", "[iuf][threshold]") {
  CHECK(quantile({4, 1, 3, 2}, 0.5) == Approx(2.5));
  CHECK(quantile({1, 2, 3}, 0) == 1);
  CHECK(quantile({1, 2, 3}, 1) == 3);
  CHECK_THROWS_AS(quantile({}, 0.5), Error);
}
