// A normal image that is unlike the others is found by the picture as a whole or by its score.
#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/stats/novelty.h"
#include "iuf/stats/outliers.h"
#include "support/object_moments.h"
#include "tensor/random.h"

namespace iuf {
namespace {

std::vector<Tensor> images(size_t count, const std::vector<size_t>& other, uint64_t seed) {
  std::vector<Tensor> all;
  for (size_t i = 0; i < count; ++i)
    all.push_back(object_moments(seed * 1000 + i, 0.2, std::ranges::find(other, i) == other.end() ? 0 : 4));
  return all;
}

}  // namespace

TEST_CASE("an image among normal ones that is unlike the others is found, wherever it lies", "[issues]") {
  for (const size_t count : {4, 5, 8, 15, 40})
    for (size_t at = 0; at < count; ++at)
      CHECK(NoveltyDetector::outliers(images(count, {at}, count)).which == std::vector{at});
}

TEST_CASE("images without one are left as they are", "[issues]") {
  for (const size_t count : {2, 4, 5, 8, 15, 40})
    for (uint64_t seed = 1; seed <= 30; ++seed) CHECK(NoveltyDetector::outliers(images(count, {}, seed)).which.empty());
}

TEST_CASE("several that are unlike the others do not hide each other", "[issues]") {
  for (size_t at = 0; at + 3 <= 15; ++at) {
    CHECK(NoveltyDetector::outliers(images(15, {at, at + 1}, at)).which == std::vector{at, at + 1});
    CHECK(NoveltyDetector::outliers(images(15, {at, at + 1, at + 2}, at)).which == std::vector{at, at + 1, at + 2});
  }
  CHECK(most_outliers(15) == 3);
  CHECK(most_outliers(4) == 1);
}

TEST_CASE("a score of a normal image that stands apart is found, among 2 to 100", "[issues]") {
  for (size_t count = 2; count <= 100; ++count)
    for (const size_t at : {size_t{0}, count / 2, count - 1}) {
      std::vector<double> scores;
      for (size_t i = 0; i < count; ++i) scores.push_back(5 + static_cast<double>(i * 7 % 10) / 5);
      CHECK(scores_apart(scores).which.empty());
      scores[at] = 120;
      const Outliers apart = scores_apart(scores, 5);
      CHECK(apart.which == std::vector{at});
      CHECK(apart.values == std::vector{120.0});
      CHECK(apart.largest_of_others < 7);
    }
  CHECK(scores_apart({139, 6}).which == std::vector<size_t>{0});
  CHECK(scores_apart({3.5, 7}).which.empty());
  CHECK(scores_apart({0.1, 0.4}, 1).which.empty());
  CHECK(scores_apart({-1, 2, 0.5}).which.empty());
  CHECK(scores_apart({6}).which.empty());
}

}  // namespace iuf
