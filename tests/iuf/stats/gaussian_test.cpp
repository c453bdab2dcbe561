#include "iuf/stats/gaussian.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "support/golden.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;

TEST_CASE("the fitted distance equals one computed element by element", "[iuf][gaussian]") {
  Tensor x({50, 2});
  fill_uniform(x, -1, 1, 3);
  for (int64_t i = 0; i < 50; ++i) x.data()[2 * i + 1] += x.data()[2 * i] + 4;
  GaussianFit fit(2);
  fit.add(x.rows(0, 20));
  fit.add(x.rows(20, 30));
  const Gaussian g = fit.finish(0.01);
  double m[2] = {0, 0}, s[3] = {0, 0, 0};
  for (int64_t i = 0; i < 50; ++i)
    for (int c = 0; c < 2; ++c) m[c] += static_cast<double>(x.data()[2 * i + c]) / 50;
  for (int64_t i = 0; i < 50; ++i) {
    const double a = static_cast<double>(x.data()[2 * i]) - m[0], b = static_cast<double>(x.data()[2 * i + 1]) - m[1];
    s[0] += a * a / 50;
    s[1] += a * b / 50;
    s[2] += b * b / 50;
  }
  s[0] += 0.01;
  s[2] += 0.01;
  const double det = s[0] * s[2] - s[1] * s[1];
  CHECK(static_cast<double>(g.log_det) == Approx(std::log(det)).epsilon(1e-5));
  const Tensor d = g.squared_distance(x);
  for (int64_t i = 0; i < 50; ++i) {
    const double a = static_cast<double>(x.data()[2 * i]) - m[0], b = static_cast<double>(x.data()[2 * i + 1]) - m[1];
    CHECK(static_cast<double>(d.data()[i]) ==
          Approx((s[2] * a * a - 2 * s[1] * a * b + s[0] * b * b) / det).epsilon(1e-4));
  }
}

TEST_CASE("rows that join a Gaussian make it that of all rows", "[iuf][gaussian]") {
  constexpr int64_t c = 6;
  Tensor x({300, c});
  fill_normal(x, 1, 1, 5);
  for (int64_t i = 0; i < x.size(); ++i)
    if (i % c > 0) x.data()[i] += x.data()[i - 1] / 2 + (i > 200 * c ? real(3) : real(0));
  GaussianFit first(c), both(c), joined(c);
  first.add(x.rows(0, 200));
  both.add(x);
  joined.add(first.finish(0.01), 200, 0.01);
  joined.add(x.rows(200, 100), 0);
  const Gaussian all = both.finish(0.01), got = joined.finish(0.01), without = joined.finish(0.01, 0);
  // What the first one remembers is rounded, and inverted: its condition is that of L.
  double norm = 0, inverse = 0;
  for (const real v : all.whitener.span()) norm += static_cast<double>(v) * static_cast<double>(v);
  for (int64_t i = 0; i < c; ++i) inverse += 1 / std::pow(static_cast<double>(all.whitener.data()[i * c + i]), 2);
  const double tolerance = 4 * c * norm * inverse * static_cast<double>(std::numeric_limits<real>::epsilon());
  CHECK(tolerance < 0.01);
  const Tensor a = all.distance(x), b = got.distance(x), d = first.finish(0.01).distance(x), e = without.distance(x);
  for (int64_t i = 0; i < a.size(); ++i) {
    CHECK(static_cast<double>(b.data()[i]) == Approx(a.data()[i]).epsilon(tolerance));
    CHECK(static_cast<double>(e.data()[i]) == Approx(d.data()[i]).epsilon(tolerance));
  }
  CHECK_THROWS_AS(GaussianFit(c + 1).add(all, 10, 0.01), Error);
}
