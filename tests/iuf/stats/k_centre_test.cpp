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

/// The definition: every distance to every taken row, anew each time.
std::vector<int64_t> slow_k_centre(const Tensor& rows, int64_t count, int64_t first) {
  std::vector<int64_t> taken = {first};
  while (static_cast<int64_t>(taken.size()) < count) {
    double farthest = -1;
    int64_t next = 0;
    for (int64_t r = 0; r < rows.dim(0); ++r) {
      double nearest = INFINITY;
      for (int64_t t : taken) nearest = std::min(nearest, squared_distance(rows, r, t));
      if (nearest > farthest) farthest = nearest, next = r;
    }
    taken.push_back(next);
  }
  return taken;
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
  CHECK(taken == slow_k_centre(rows, 60, taken.at(0)));
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
