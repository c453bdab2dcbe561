#include "iuf/stats/threshold.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tensor/error.h"
#include "tensor/random.h"

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

TEST_CASE("a threshold is the quantile of many held-out scores", "[iuf][threshold]") {
  std::vector<double> scores;
  for (int i = 0; i <= 200; ++i) scores.push_back(i);
  CHECK_FALSE(needs_training_scores(scores.size(), 0.99));
  CHECK(score_threshold(scores, {}, 0.99) == Approx(198));
  CHECK(score_threshold({1, 3, 2}, {}, 1) == 3);
  CHECK(needs_training_scores(0, 1));
  CHECK(score_threshold({}, {1, 3, 2}, 1) == 3);
}

TEST_CASE("few held-out scores give the prediction limit of a normal distribution", "[iuf][threshold]") {
  CHECK(needs_training_scores(99, 0.99));
  // Held out: mean 2, squares 2; training: mean 1, squares 2; 3 degrees of freedom together.
  const double expected = 2 + student_quantile(0.99, 3) * std::sqrt((2.0 + 2.0) / 3) * std::sqrt(1 + 1.0 / 3);
  CHECK(score_threshold({1, 2, 3}, {0, 2}, 0.99) == Approx(expected));
  CHECK(score_threshold({}, {1, 2, 3}, 0.99) == Approx(2 + student_quantile(0.99, 2) * std::sqrt(1 + 1.0 / 3)));
  CHECK_THROWS_AS(score_threshold({}, {}, 0.99), Error);
  CHECK(score_threshold({5}, {}, 0.99) == 5);
  CHECK(score_threshold({5}, {1, 2, 3}, 0.99) > 5);
  CHECK(score_threshold({1, 1, 1, 9}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 0.8) >= 9);
}

TEST_CASE("one normal image in a hundred is above the threshold, however few were held out", "[iuf][threshold]") {
  // 4000 repetitions of 6 held-out and 20 training scores: the share of new scores above is 1 % up to its standard
  // error (four of them: 4 * sqrt(0.01 * 0.99 / 4000) = 0.6 %). The maximum of six would be exceeded by 14 %.
  const int64_t repetitions = 4000, size = 27;
  Tensor normal({repetitions, size});
  fill_normal(normal, 0, 1, 7);
  int above = 0;
  for (int64_t r = 0; r < repetitions; ++r) {
    const real* row = normal.data() + r * size;
    const std::vector<double> held_out(row, row + 6), training(row + 6, row + 26);
    above += static_cast<double>(row[26]) > score_threshold(held_out, training, 0.99);
  }
  CHECK(above / static_cast<double>(repetitions) < 0.016);
  CHECK(above / static_cast<double>(repetitions) > 0.003);
}
