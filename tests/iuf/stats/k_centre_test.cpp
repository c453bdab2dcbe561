#include "iuf/stats/k_centre.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

double squared_distance(const Tensor& rows, int64_t a, int64_t b) {
  double sum = 0;
  for (int64_t c = 0; c < rows.dim(1); ++c) {
    const double d =
        static_cast<double>(rows.data()[a * rows.dim(1) + c]) - static_cast<double>(rows.data()[b * rows.dim(1) + c]);
    sum += d * d;
  }
  return sum;
}

/// The distance of the row that is farthest from all taken ones, of the rows outside a fold; and that row.
std::pair<double, int64_t> farthest(const Tensor& rows, const std::vector<int64_t>& taken,
                                    const std::vector<int64_t>& folds = {}, int64_t fold = 0) {
  std::pair<double, int64_t> found = {-1, 0};
  for (int64_t r = 0; r < rows.dim(0); ++r) {
    if (!folds.empty() && folds[static_cast<size_t>(r)] == fold) continue;
    double nearest = INFINITY;
    for (int64_t t : taken) nearest = std::min(nearest, squared_distance(rows, r, t));
    if (nearest > found.first) found = {nearest, r};
  }
  return {std::sqrt(found.first), found.second};
}

/// The definition: every distance to every taken row, anew each time.
std::vector<int64_t> slow_k_centre(const Tensor& rows, int64_t count, std::vector<int64_t> taken,
                                   const std::vector<int64_t>& folds = {}, int64_t fold = 0) {
  while (std::ssize(taken) < count) taken.push_back(farthest(rows, taken, folds, fold).second);
  return taken;
}

/// What is taken without this fold's rows, and what stands in for them.
std::vector<int64_t> without(const FoldedCentres& centres, const std::vector<int64_t>& folds, int64_t fold) {
  std::vector<int64_t> left;
  for (const int64_t row : centres.taken)
    if (folds[static_cast<size_t>(row)] != fold) left.push_back(row);
  const std::vector<int64_t>& instead = centres.instead.at(static_cast<size_t>(fold));
  left.insert(left.end(), instead.begin(), instead.end());
  return left;
}

std::vector<int64_t> folds_in_turn(int64_t rows, int64_t count) {
  std::vector<int64_t> folds;
  for (int64_t r = 0; r < rows; ++r) folds.push_back(r / 3 % (count + 1) - 1);  // some in none
  return folds;
}

/// Clusters of very different size and width, as features have them.
Tensor clusters(int64_t n, int64_t c) {
  Tensor rows({n, c}), middles({7, c});
  fill_normal(rows, 0, 1, 11);
  fill_normal(middles, 0, 5, 12);
  for (int64_t r = 0; r < n; ++r) {
    const int64_t k = r * r % 7;
    for (int64_t i = 0; i < c; ++i)
      rows.data()[r * c + i] =
          middles.data()[k * c + i] + rows.data()[r * c + i] * real(0.1) * static_cast<real>(k + 1);
  }
  return rows;
}

}  // namespace

TEST_CASE("greedy k-centre takes what its definition takes", "[iuf][k_centre]") {
  const Tensor rows = clusters(500, 5);
  const std::vector<int64_t> taken = greedy_k_centre(rows, 60);
  CHECK(taken == slow_k_centre(rows, 60, {taken.at(0)}));
  Tensor mean({1, 5});
  std::fill_n(mean.data(), 5, real(0));
  for (int64_t i = 0; i < rows.size(); ++i) mean.data()[i % 5] += rows.data()[i] / 500;
  const auto from_mean = [&](int64_t r) {
    double sum = 0;
    for (int64_t c = 0; c < 5; ++c) sum += std::pow(static_cast<double>(rows.data()[r * 5 + c] - mean.data()[c]), 2);
    return sum;
  };
  for (int64_t r = 0; r < 500; ++r) CHECK(from_mean(taken[0]) <= from_mean(r) * (1 + 1e-5));
}

TEST_CASE("greedy k-centre takes the same rows with any number of threads", "[iuf][k_centre]") {
  const Tensor rows = clusters(9000, 8);  // several blocks
  const int threads = thread_count();
  set_thread_count(1);
  const std::vector<int64_t> alone = greedy_k_centre(rows, 100);
  set_thread_count(3);
  CHECK(greedy_k_centre(rows, 100) == alone);
  set_thread_count(threads);
  CHECK(std::set<int64_t>(alone.begin(), alone.end()).size() == 100);
}

TEST_CASE("without a fold k-centre goes on as its definition does", "[iuf][k_centre]") {
  const Tensor rows = clusters(500, 5);
  const std::vector<int64_t> folds = folds_in_turn(500, 6);
  const FoldedCentres centres = folded_k_centre(rows, 60, folds);
  CHECK(centres.taken == greedy_k_centre(rows, 60));
  REQUIRE(centres.instead.size() == 6);
  for (int64_t fold = 0; fold < 6; ++fold) {
    const std::vector<int64_t> all = without(centres, folds, fold);
    CHECK(all.size() == 60);
    const auto kept = static_cast<std::ptrdiff_t>(60 - centres.instead[static_cast<size_t>(fold)].size());
    CHECK(kept < 60);
    CHECK(all == slow_k_centre(rows, 60, {all.begin(), all.begin() + kept}, folds, fold));
  }
}

TEST_CASE("without a fold k-centre covers the rows as one that never saw the fold", "[iuf][k_centre]") {
  // Tight clusters far from each other, each with rows of every fold: one centre in each.
  constexpr int64_t kClusters = 20;
  Tensor tight({kClusters * 12, 3});
  fill_normal(tight, 0, real(0.01), 5);
  std::vector<int64_t> folds;
  for (int64_t r = 0; r < tight.dim(0); ++r) {
    tight.data()[r * 3] += static_cast<real>(r % kClusters);
    folds.push_back(r / kClusters % 4);
  }
  const FoldedCentres centres = folded_k_centre(tight, kClusters, folds);
  for (int64_t fold = 0; fold < 4; ++fold) {
    std::set<int64_t> covered;
    for (const int64_t row : without(centres, folds, fold)) {
      CHECK(folds[static_cast<size_t>(row)] != fold);
      covered.insert(row % kClusters);
    }
    CHECK(covered.size() == kClusters);
  }
  // Of k + 1 rows that are at least r apart two are nearest to the same one of any k centres, so that these cover at r
  // / 2 at best. Rows of a lost cluster, at most R from its centre, are at most 2 R apart.
  const Tensor rows = clusters(600, 4);
  folds = folds_in_turn(600, 5);
  const FoldedCentres wide = folded_k_centre(rows, 40, folds);
  const double whole = farthest(rows, wide.taken).first;
  for (int64_t fold = 0; fold < 5; ++fold) {
    const std::vector<int64_t> all = without(wide, folds, fold);
    const std::vector<int64_t> anew = slow_k_centre(rows, 40, {all[0]}, folds, fold);
    const double own = farthest(rows, all, folds, fold).first, scratch = farthest(rows, anew, folds, fold).first;
    CHECK(own <= 2 * whole);
    CHECK(own >= scratch / 2);
    CHECK(std::min(own, whole) <= 2 * scratch);
  }
}

TEST_CASE("a fold that has all centres, or all rows, is left out, too", "[iuf][k_centre]") {
  // The last fold's rows are the middle and the ends of a line.
  const Tensor line({7, 1}, std::vector<real>{0, 1, 2, 3, 4, 5, 6});
  const std::vector<int64_t> folds = {1, 0, 0, 1, 0, 0, 1};
  const FoldedCentres centres = folded_k_centre(line, 3, folds);
  CHECK(centres.taken == std::vector<int64_t>{3, 0, 6});
  CHECK(centres.instead[0].empty());
  CHECK(centres.instead[1] == std::vector<int64_t>{2, 5, 1});  // 4 is as far from 2 as 1 is from both
  const FoldedCentres alone = folded_k_centre(line, 2, std::vector<int64_t>(7, 0));
  CHECK(alone.taken.size() == 2);
  CHECK(alone.instead == std::vector<std::vector<int64_t>>{{}});
  CHECK_THROWS_AS(folded_k_centre(line, 2, {0, 1}), Error);
}

TEST_CASE("greedy k-centre stops when nothing new is left", "[iuf][k_centre]") {
  Tensor rows({12, 2});
  for (int64_t i = 0; i < 12; ++i) rows.data()[2 * i] = rows.data()[2 * i + 1] = static_cast<real>(i % 3);
  CHECK(greedy_k_centre(rows, 12).size() == 3);
  CHECK(greedy_k_centre(rows, 2).size() == 2);
  CHECK_THROWS_AS(greedy_k_centre(Tensor({0, 2}), 1), Error);
}

TEST_CASE("greedy k-centre names the row that is not finite", "[iuf][k_centre]") {
  for (const double value : {NAN, INFINITY, -INFINITY}) {
    Tensor rows = clusters(20, 3);
    rows.data()[3 * 17 + 1] = static_cast<real>(value);
    CHECK_THROWS_WITH(greedy_k_centre(rows, 5),
                      Catch::Contains("greedy_k_centre: row 17 holds a value that is not finite"));
  }
}

TEST_CASE("a random projection keeps distances within eps", "[iuf][k_centre]") {
  // scikit-learn's johnson_lindenstrauss_min_dim(100000, eps=0.9) and (1000, eps=0.5)
  CHECK(johnson_lindenstrauss_dimensions(100000, 0.9) == 284);
  CHECK(johnson_lindenstrauss_dimensions(1000, 0.5) == 331);
  Tensor rows({40, 600});
  fill_normal(rows, 0, 1, 3);
  const Tensor projected = random_projection(rows, johnson_lindenstrauss_dimensions(40, 0.9), 4);
  double sum = 0, pairs = 0;
  for (int64_t a = 0; a < 40; ++a)
    for (int64_t b = 0; b < a; ++b) {
      const double ratio = squared_distance(projected, a, b) / squared_distance(rows, a, b);
      CHECK(ratio > 0.1);
      CHECK(ratio < 1.9);
      sum += ratio;
      ++pairs;
    }
  CHECK(sum / pairs == Approx(1).margin(0.05));
}
