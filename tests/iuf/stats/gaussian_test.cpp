#include "iuf/stats/gaussian.h"

#include <catch2/catch.hpp>
#include <cmath>

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

TEST_CASE("the best fit of many Gaussians is that of all likelihoods, bit for bit", "[iuf][gaussian]") {
  constexpr int64_t kChannels = 40;
  std::vector<Gaussian> gaussians;
  Tensor images[30];
  for (uint64_t o = 0; o < 30; ++o) {
    Tensor x({120, kChannels});
    fill_uniform(x, -1, 1, 7 + o);
    // Objects far apart, near each other, and nearly the same.
    const real shift = o < 10   ? static_cast<real>(o)
                       : o < 20 ? real(0.2) * static_cast<real>(o)
                                : real(0.01) * static_cast<real>(o);
    for (int64_t i = 0; i < x.size(); ++i)
      x.data()[i] = x.data()[i] * (1 + shift / 4) + shift * static_cast<real>(i % 3);
    GaussianFit fit(kChannels);
    fit.add(x);
    gaussians.push_back(fit.finish(0.01));
    images[o] = x.rows(o, 60);
  }
  for (const size_t count : {size_t{1}, size_t{2}, size_t{30}}) {
    std::vector<const Gaussian*> some;
    for (size_t o = 0; o < count; ++o) some.push_back(&gaussians[o]);
    for (const Tensor& image : images) {
      std::vector<double> all;
      for (const Gaussian* g : some) {
        all.push_back(g->median_log_likelihood(image));
        CHECK(g->likelihood_bound(image, 16) >= all.back() - 1e-3 * std::abs(all.back()));
        CHECK(g->likelihood_bound(image, 64) == Approx(all.back()));
      }
      CHECK(best_fit(some, image) == most_likely(all));
    }
  }
  CHECK_THROWS_AS(best_fit({}, images[0]), Error);
}
