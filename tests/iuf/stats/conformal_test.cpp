#include "iuf/stats/conformal.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "iuf/stats/threshold.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

std::vector<double> up_to(int n) {
  std::vector<double> scores(static_cast<size_t>(n));
  std::iota(scores.begin(), scores.end(), 1.0);
  return scores;
}

}  // namespace

TEST_CASE("the threshold is the rank among the normal scores that promises the rate", "[iuf][conformal]") {
  CHECK(conformal_threshold(up_to(99), 0.01) == 99);  // 1 of 100 ranks
  CHECK(conformal_threshold(up_to(198), 0.01) == 198);
  CHECK(conformal_threshold(up_to(199), 0.01) == 198);  // 2 of 200
  CHECK(conformal_threshold(up_to(19), 0.05) == 19);
  CHECK(conformal_threshold(up_to(9), 0.5) == 5);
  CHECK(conformal_threshold({3, 1, 2}, 0.9) == 1);
  CHECK(images_needed(0.01) == 99);
  CHECK(images_needed(0.05) == 19);
  CHECK(images_needed(0.3) == 3);  // 0.3 * 4 >= 1
  CHECK(images_needed(0.9) == 1);
}

TEST_CASE("too few scores give the prediction limit of a normal distribution", "[iuf][conformal]") {
  CHECK(conformal_threshold({1, 2, 3}, 0.01) == Approx(2 + student_quantile(0.99, 2) * std::sqrt(1 + 1.0 / 3)));
  CHECK(conformal_threshold({1, 1, 1, 9}, 0.15) >= 9);
  CHECK(conformal_threshold({5}, 0.01) == 5);
  CHECK_THROWS_AS(conformal_threshold({}, 0.01), Error);
  CHECK_THROWS_AS(conformal_threshold({1, NAN}, 0.01), Error);
  CHECK_THROWS_AS(conformal_threshold({1, 2}, 0), Error);
  CHECK_THROWS_AS(conformal_threshold({1, 2}, 1), Error);
  CHECK_THROWS_AS(alarm_rate({}, 1), Error);
}

TEST_CASE("the next image is above the threshold as often as was promised, whatever its distribution",
          "[iuf][conformal]") {
  // The expected rates are k / (n + 1) exactly; four standard errors of 4000 repetitions.
  const int64_t repetitions = 4000;
  for (const int64_t n : {10, 40, 120})
    for (const double rate : {0.1, 0.05}) {
      if (static_cast<size_t>(n) < images_needed(rate)) continue;
      CAPTURE(n, rate);
      Tensor drawn({repetitions, n + 1});
      fill_normal(drawn, 0, 1, static_cast<uint64_t>(n));
      int above = 0;
      for (int64_t r = 0; r < repetitions; ++r) {
        std::vector<double> scores;  // with a long tail
        for (int64_t i = 0; i < n; ++i) scores.push_back(std::exp(static_cast<double>(drawn.data()[r * (n + 1) + i])));
        above += std::exp(static_cast<double>(drawn.data()[r * (n + 1) + n])) > conformal_threshold(scores, rate);
      }
      const double expected = std::floor(rate * static_cast<double>(n + 1) + 1e-9) / static_cast<double>(n + 1);
      const double error = 4 * std::sqrt(expected * (1 - expected) / static_cast<double>(repetitions));
      CHECK(std::abs(above / static_cast<double>(repetitions) - expected) < error);
    }
}

TEST_CASE("the interval of the rate is that of the beta distribution", "[iuf][conformal]") {
  // Beta(1, n): 1 - (1 - q)^(1/n); Beta(n, 1): q^(1/n). Beta(2, 2): 3 x^2 - 2 x^3.
  CHECK(beta_quantile(0.95, 1, 20) == Approx(1 - std::pow(0.05, 1.0 / 20)).margin(1e-9));
  CHECK(beta_quantile(0.3, 7, 1) == Approx(std::pow(0.3, 1.0 / 7)).margin(1e-9));
  const double x = beta_quantile(0.1, 2, 2);
  CHECK(3 * x * x - 2 * x * x * x == Approx(0.1).margin(1e-9));
  CHECK(beta_quantile(0.5, 400, 400) == Approx(0.5).margin(1e-6));
  CHECK_THROWS_AS(beta_quantile(0.5, 0, 1), Error);
  CHECK_THROWS_AS(beta_quantile(1, 1, 1), Error);

  const AlarmRate none = alarm_rate(up_to(19), 19);
  CHECK(none.expected == Approx(0.05));
  CHECK(none.low == 0);
  CHECK(none.high == Approx(1 - std::pow(0.05, 1.0 / 19)).margin(1e-9));
  const AlarmRate some = alarm_rate(up_to(99), 90);
  CHECK(some.expected == Approx(0.1));
  CHECK(some.low > 0.04);
  CHECK(some.low < 0.1);
  CHECK(some.high > 0.1);
  CHECK(some.high < 0.17);
  CHECK(alarm_rate(up_to(5), 0).expected == 1);
  CHECK(alarm_rate(up_to(5), 0).high == 1);
}

TEST_CASE("the rate in the long run lies in its interval as often as is said", "[iuf][conformal]") {
  // Scores are uniform, so that the rate of a threshold t is 1 - t. 95 % of 2000, four standard errors: 39.
  int inside = 0;
  for (int r = 0; r < 2000; ++r) {
    Tensor drawn({60});
    fill_uniform(drawn, 0, 1, static_cast<uint64_t>(r));
    const std::vector<double> scores(drawn.data(), drawn.data() + 60);
    const double threshold = conformal_threshold(scores, 0.1);
    const AlarmRate rate = alarm_rate(scores, threshold);
    inside += rate.low <= 1 - threshold && 1 - threshold <= rate.high;
  }
  CHECK(std::abs(inside - 1900) <= 39);
}

TEST_CASE("the number of later alarms is inside its interval as often as is said, and often outside at another rate",
          "[iuf][conformal]") {
  const auto inside = [](size_t known, double rate, double moved) {
    int count = 0;
    for (int r = 0; r < 2000; ++r) {
      Tensor drawn({static_cast<int64_t>(known) + 100});
      fill_uniform(drawn, 0, 1, mix_key(known, static_cast<uint64_t>(r)));
      const std::vector<double> all(drawn.data(), drawn.data() + drawn.size());
      const auto later = all.begin() + static_cast<std::ptrdiff_t>(known);
      const std::vector<double> scores(all.begin(), later);
      const double threshold = conformal_threshold(scores, rate);
      const auto alarms = std::count_if(later, all.end(), [&](double s) { return s + moved > threshold; });
      count += alarms_as_expected(scores, threshold, static_cast<size_t>(alarms), 100);
    }
    return count;
  };
  // At least 95 % of 2000, less four standard errors: 39. A number of alarms is whole, so that it can be more.
  for (const size_t known : {10, 20, 99})
    for (const double rate : {0.01, 0.05, 0.1}) CHECK(inside(known, rate, 0) >= 1900 - 39);
  CHECK(inside(99, 0.1, 0.2) < 1000);
  CHECK(inside(99, 0.1, -0.1) < 1000);
  CHECK(alarms_as_expected(up_to(5), 0, 100, 100));
}
