#include "iuf/stats/gaussian.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/golden.h"
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
