#include "iuf/stats/ledoit_wolf.h"

#include <catch2/catch.hpp>

#include "iuf/selfcheck/selfcheck.h"
#include "support/golden.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

// As in tests/golden/make_convolutional.py: channel c scaled by 0.2 ... 3, the second one correlated with the first.
Tensor rows_of(const std::string& name, int64_t rows, int64_t channels) {
  Tensor x = generated_values("ledoit_wolf." + name, {rows, channels});
  for (int64_t r = 0; r < rows; ++r) {
    real* row = x.data() + r * channels;
    for (int64_t c = 0; c < channels; ++c)
      row[c] *= static_cast<real>(0.2 + 2.8 * static_cast<double>(c) / static_cast<double>(channels - 1));
    row[1] += row[0];
  }
  return x;
}

}  // namespace

TEST_CASE("Ledoit and Wolf's covariance is scikit-learn's", "[iuf][gaussian]") {
  const TensorFile file = golden("parts/convolutional");
  for (const auto& [name, rows, channels] : {std::tuple{"few", 7, 12}, {"many", 60, 9}}) {
    const ShrunkGaussian g = ledoit_wolf(rows_of(name, rows, channels));
    const std::string key = std::string("ledoit_wolf.") + name;
    check_close(key + ".mean", g.mean, file.tensor(key + ".mean"), 1e-6);
    check_close(key + ".covariance", g.covariance, file.tensor(key + ".covariance"), 1e-6);
    CHECK(g.shrinkage == Approx(static_cast<double>(file.tensor(key + ".shrinkage").item())).epsilon(1e-5));
  }
}

TEST_CASE("a single row has no covariance", "[iuf][gaussian]") {
  const ShrunkGaussian g = ledoit_wolf(Tensor::full({1, 3}, 2));
  CHECK(g.shrinkage == 0);
  for (const real v : g.covariance.span()) CHECK(v == 0);
  const Tensor sampled = g.sample(2, 1);
  for (const real v : sampled.span()) CHECK(v == 2);
  CHECK_THROWS_WITH(ledoit_wolf(Tensor::zeros({0, 3})), Catch::Contains("[0, 3]"));
}

TEST_CASE("samples have the mean and covariance they are drawn from", "[iuf][gaussian]") {
  const ShrunkGaussian g = ledoit_wolf(rows_of("many", 60, 9));
  const int64_t n = 20000;
  const Tensor x = g.sample(n, 5);
  double mean[9] = {}, covariance[9][9] = {};
  for (int64_t r = 0; r < n; ++r)
    for (int i = 0; i < 9; ++i) mean[i] += static_cast<double>(x.data()[r * 9 + i]) / n;
  for (int64_t r = 0; r < n; ++r)
    for (int i = 0; i < 9; ++i)
      for (int j = 0; j < 9; ++j)
        covariance[i][j] += (static_cast<double>(x.data()[r * 9 + i]) - mean[i]) *
                            (static_cast<double>(x.data()[r * 9 + j]) - mean[j]) / n;
  const auto expected = [&](int i, int j) { return static_cast<double>(g.covariance.data()[i * 9 + j]); };
  for (int i = 0; i < 9; ++i) {
    CHECK(std::abs(mean[i] - static_cast<double>(g.mean.data()[i])) < 5 * std::sqrt(expected(i, i) / n));
    for (int j = 0; j < 9; ++j) {  // the variance of a sample covariance of normal numbers
      const double deviation = std::sqrt((expected(i, i) * expected(j, j) + expected(i, j) * expected(i, j)) / n);
      CHECK(std::abs(covariance[i][j] - expected(i, j)) < 5 * deviation);
    }
  }
  CHECK(equal(g.sample(4, 7), g.sample(4, 7)));
  CHECK_FALSE(equal(g.sample(4, 7), g.sample(4, 8)));
}
