#include "iuf/stats/whole_picture.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tensor/random.h"

using namespace iuf;

namespace {

constexpr int64_t kDimensions = 4;

Tensor tensor(const Shape& shape, const std::vector<real>& values) {
  Tensor t(shape);
  std::ranges::copy(values, t.data());
  return t;
}

// Deviations 1, 2, 3 and 4.
Tensor normal_rows(int64_t n, uint64_t stream) {
  Tensor rows({n, kDimensions});
  fill_normal(rows, 5, 1, stream);
  for (int64_t i = 0; i < rows.size(); ++i) rows.data()[i] *= static_cast<real>(i % kDimensions + 1);
  return rows;
}

Tensor rows_of(const Tensor& all, int64_t begin, int64_t end) {
  Tensor rows({end - begin, kDimensions});
  std::copy_n(all.data() + begin * kDimensions, rows.size(), rows.data());
  return rows;
}

void check_equal(const Gaussian& a, const Gaussian& b, double tolerance) {
  for (int64_t i = 0; i < a.mean.size(); ++i) CHECK(a.mean.data()[i] == Approx(b.mean.data()[i]).epsilon(tolerance));
  for (int64_t i = 0; i < a.whitener.size(); ++i)
    CHECK(a.whitener.data()[i] == Approx(b.whitener.data()[i]).epsilon(tolerance).margin(tolerance));
}

}  // namespace

TEST_CASE("a composition is the mean and the logarithm of the deviation of the last channels", "[iuf][whole]") {
  const Tensor local = tensor({4, 3}, {9, 1, 7, 9, 3, 7, -9, 1, 7, 9, 3, 7});
  const Tensor composed = composition(local, 2);
  REQUIRE(composed.shape() == Shape{1, 4});
  CHECK(composed.data()[0] == Approx(2));
  CHECK(composed.data()[1] == Approx(7));
  CHECK(composed.data()[2] == Approx(0).margin(1e-6));                // of 1, 3, 1, 3
  CHECK(composed.data()[3] == Approx(std::log(1e-3)).epsilon(1e-6));  // a constant channel
  CHECK_THROWS_WITH(composition(local, 4), Catch::Contains("4 channels"));
  const Tensor broken = tensor({2, 1}, {1, NAN});
  const Tensor nothing = composition(broken, 1);
  for (const real v : nothing.span()) CHECK(std::isnan(v));
}

TEST_CASE("the distance of an unseen picture is as its dimensions say, and an odd one is farther", "[iuf][whole]") {
  const Tensor rows = normal_rows(400, 1);
  const Gaussian all = WholePictureFit(rows, {}).finish();
  const Tensor unseen = normal_rows(400, 2), squares = all.squared_distance(unseen);
  double mean = 0;
  for (const real d : squares.span()) mean += static_cast<double>(d) / 400;
  // A chi-squared variable with 4 degrees of freedom has variance 8; shrinkage and the fit's own error add a little.
  CHECK(mean == Approx(kDimensions).margin(5 * std::sqrt(8.0 / 400) + 0.2));
  Tensor odd({1, kDimensions});
  for (int64_t i = 0; i < kDimensions; ++i) odd.data()[i] = static_cast<real>((5 + (i == 3 ? 6 : 0)) * (i + 1));
  CHECK(all.distance(odd).item() == Approx(6).epsilon(0.15));
}

TEST_CASE("a fold is left out as if it had not been there", "[iuf][whole]") {
  const Tensor rows = normal_rows(12, 3);
  std::vector<int64_t> folds(12, kNoFold);
  for (size_t i = 8; i < 12; ++i) folds[i] = 0;
  const WholePictureFit fit(rows, folds);
  check_equal(fit.finish(0), WholePictureFit(rows_of(rows, 0, 8), {}).finish(), 1e-12);
  CHECK(fit.finish().mean.data()[0] != fit.finish(0).mean.data()[0]);
}

TEST_CASE("further pictures join those that are known", "[iuf][whole]") {
  const Tensor rows = normal_rows(4000, 4);
  const Gaussian known = WholePictureFit(rows_of(rows, 0, 3000), {}).finish();
  const Gaussian joined = WholePictureFit(rows_of(rows, 3000, 4000), {}, &known, 3000).finish();
  // The shrinkage of both parts together is not that of all, and vanishes with many rows.
  check_equal(joined, WholePictureFit(rows, {}).finish(), 5e-3);
  // Without any of the new ones, what is known stays.
  const std::vector<int64_t> folds(1000, 0);
  check_equal(WholePictureFit(rows_of(rows, 3000, 4000), folds, &known, 3000).finish(0), known, 1e-5);
}

TEST_CASE("a single picture and pictures that are all alike have a distribution", "[iuf][whole]") {
  for (const int64_t n : {1, 5}) {
    const Tensor same = Tensor::full({n, kDimensions}, 2);
    const Gaussian g = WholePictureFit(same, {}).finish();
    CHECK(g.distance(rows_of(same, 0, 1)).item() == Approx(0).margin(1e-6));
    CHECK(std::isfinite(g.distance(Tensor::full({1, kDimensions}, 3)).item()));
  }
}
