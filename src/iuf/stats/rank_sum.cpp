#include "iuf/stats/rank_sum.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "iuf/stats/tails.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr size_t kMostExactPairs = 2500;

// Of so many positive and negative ones in random order, P(U <= most): U counts the pairs whose positive one is higher.
// The highest is positive with p / (p + n), and then above all negative ones.
double exact_tail(size_t positive, size_t negative, size_t most) {
  std::vector<std::vector<double>> before(negative + 1, std::vector<double>(most + 1));  // [n][u], of p - 1
  for (auto& chances : before) chances[0] = 1;
  for (size_t p = 1; p <= positive; ++p) {
    std::vector<std::vector<double>> now(negative + 1, std::vector<double>(most + 1));
    now[0][0] = 1;
    for (size_t n = 1; n <= negative; ++n) {
      const double share = static_cast<double>(p) / static_cast<double>(p + n);
      for (size_t u = 0; u <= most; ++u)
        now[n][u] = (u >= n ? share * before[n][u - n] : 0) + (1 - share) * now[n - 1][u];
    }
    before = std::move(now);
  }
  double sum = 0;
  for (const double chance : before[negative]) sum += chance;
  return std::min(sum, 1.0);
}

}  // namespace

double chance_of_lower_auroc(std::span<const double> scores, std::span<const uint8_t> labels) {
  if (scores.size() != labels.size())
    fail("chance_of_lower_auroc: ", scores.size(), " scores and ", labels.size(), " labels");
  std::vector<std::pair<double, bool>> sorted;
  for (size_t i = 0; i < scores.size(); ++i) sorted.emplace_back(scores[i], labels[i] != 0);
  std::ranges::sort(sorted);
  double pairs = 0, below = 0, ties = 0;  // of U, negative ones so far, sum of t^3 - t
  for (size_t i = 0, end = 0; i < sorted.size(); i = end) {
    double equal[2] = {0, 0};
    for (; end < sorted.size() && sorted[end].first == sorted[i].first; ++end) equal[sorted[end].second] += 1;
    pairs += equal[1] * (below + equal[0] / 2);
    below += equal[0];
    const double t = equal[0] + equal[1];
    ties += t * t * t - t;
  }
  const double n = below, all = static_cast<double>(sorted.size()), p = all - n;
  if (n < 1 || p < 1) return 1;
  if (n * p <= static_cast<double>(kMostExactPairs))
    return exact_tail(static_cast<size_t>(p), static_cast<size_t>(n), static_cast<size_t>(std::ceil(pairs)));
  const double variance = n * p / 12 * (all + 1 - ties / (all * (all - 1)));
  if (variance <= 0) return 1;
  const double z = (pairs + 0.5 - n * p / 2) / std::sqrt(variance);
  return (1 + std::erf(z / std::numbers::sqrt2)) / 2;
}

double chance_of_signs(size_t more, size_t fewer) {
  return binomial_tail(more, more + fewer, 0.5);
}

}  // namespace iuf
