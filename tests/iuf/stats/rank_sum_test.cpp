#include "iuf/stats/rank_sum.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "support/dice.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

// How many pairs of a positive and a negative score are in order.
double pairs_of(const std::vector<double>& scores, const std::vector<uint8_t>& labels) {
  double pairs = 0;
  for (size_t i = 0; i < scores.size(); ++i)
    for (size_t k = 0; k < scores.size(); ++k)
      if (labels[i] > labels[k]) pairs += scores[i] > scores[k] ? 1 : scores[i] == scores[k] ? 0.5 : 0;
  return pairs;
}

// By every order of the labels.
double counted(const std::vector<double>& scores, std::vector<uint8_t> labels) {
  const double found = pairs_of(scores, labels);
  size_t lower = 0, all = 0;
  std::ranges::sort(labels);
  do {
    ++all;
    lower += pairs_of(scores, labels) <= found;
  } while (std::ranges::next_permutation(labels).found);
  return static_cast<double>(lower) / static_cast<double>(all);
}

}  // namespace

TEST_CASE("the chance of a lower AUROC is that of all orders of the labels", "[stats][rank_sum]") {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    Dice dice(seed);
    std::vector<double> scores(10);
    std::iota(scores.begin(), scores.end(), -3.0);
    std::vector<uint8_t> labels(10);
    for (uint8_t& label : labels) label = static_cast<uint8_t>(dice.below(2));
    if (std::ranges::count(labels, 1) % 10 == 0) continue;
    CAPTURE(seed);
    CHECK(chance_of_lower_auroc(scores, labels) == Approx(counted(scores, labels)));
  }
  // Equal scores count as half a pair, rounded towards the greater chance.
  const std::vector<double> equal = {1, 2, 2, 3, 4, 5};
  const std::vector<uint8_t> labels = {1, 1, 0, 0, 0, 0};
  CHECK(chance_of_lower_auroc(equal, labels) >= counted(equal, labels));
  CHECK(chance_of_lower_auroc(equal, labels) == Approx(2.0 / 15));
}

TEST_CASE("the normal approximation goes on where the exact chance ends", "[stats][rank_sum]") {
  // 50 x 50 pairs are exact, 50 x 51 are not; of every seventh label another one.
  for (const size_t shift : {0, 5, 10}) {
    std::vector<double> scores(101);
    std::iota(scores.begin(), scores.end(), 0.0);
    std::vector<uint8_t> labels(101);
    for (size_t i = 0; i < 101; ++i) labels[i] = (i + (i < 60 ? shift : 0)) % 2;
    std::vector<double> fewer(scores.begin(), scores.end() - 1);
    std::vector<uint8_t> of_fewer(labels.begin(), labels.end() - 1);
    for (size_t i = 0; i < shift; ++i)
      labels[99 - 2 * i] = of_fewer[99 - 2 * i] = 0, labels[2 * i] = of_fewer[2 * i] = 1;
    const double exact = chance_of_lower_auroc(fewer, of_fewer), normal = chance_of_lower_auroc(scores, labels);
    INFO(exact << " " << normal);
    CHECK(std::abs(std::log(exact / normal)) < 0.1 - 0.1 * std::log(exact));  // far out less exact
  }
  CHECK(chance_of_lower_auroc(std::vector<double>(200, 1.0), std::vector<uint8_t>(200, 1)) == 1);
  std::vector<uint8_t> half(200, 1);
  std::fill_n(half.begin(), 100, uint8_t{0});
  CHECK(chance_of_lower_auroc(std::vector<double>(200, 1.0), half) > 0.5);  // all equal
  CHECK_THROWS_AS(chance_of_lower_auroc(std::vector<double>(2), std::vector<uint8_t>(3)), Error);
}

TEST_CASE("the chance of signs is that of a fair coin", "[stats][rank_sum]") {
  CHECK(chance_of_signs(0, 0) == 1);
  CHECK(chance_of_signs(0, 5) == Approx(1));
  CHECK(chance_of_signs(5, 0) == Approx(1.0 / 32));
  CHECK(chance_of_signs(4, 1) == Approx(6.0 / 32));
  CHECK(chance_of_signs(500, 500) == Approx(0.5).margin(0.02));
  CHECK(chance_of_signs(1000, 0) < 1e-300);
}
