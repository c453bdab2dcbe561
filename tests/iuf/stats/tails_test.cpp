#include "iuf/stats/tails.h"

#include <catch2/catch.hpp>

using namespace iuf;

TEST_CASE("tails of counts are those that fractions give", "[iuf][tails]") {
  CHECK(binomial_tail(0, 5, 0.3) == Approx(1));
  CHECK(binomial_tail(4, 5, 0.5) == Approx(6.0 / 32));
  CHECK(binomial_tail(2, 3, 1.0 / 3) == Approx(7.0 / 27));
  CHECK(hypergeometric_tail(0, 3, 4, 10) == Approx(1));
  CHECK(hypergeometric_tail(3, 3, 4, 10) == Approx(4.0 / 120));
  CHECK(hypergeometric_tail(2, 3, 4, 10) == Approx(40.0 / 120));
  CHECK(hypergeometric_tail(3, 8, 4, 10) == Approx(182.0 / 210));  // at most two of the four are not drawn
}
