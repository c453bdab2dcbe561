#include "iuf/stats/outliers.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "iuf/stats/threshold.h"

namespace iuf {
namespace {

// Neighbours among the scores of normal images differ by up to a factor of 1.7 where there are few.
constexpr double kGapOfFew = 2.5, kGap = 2.2, kRangeFactor = 1.5;
constexpr size_t kFew = 10;

}  // namespace

Outliers scores_apart(const std::vector<double>& scores, double least_gap) {
  const size_t n = scores.size();
  Outliers result;
  if (n < 2) return result;
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return scores[i]; });
  const auto at = [&](size_t k) { return scores[order[k]]; };
  const double factor = n < kFew ? kGapOfFew : kGap;
  for (size_t k = (n + 1) / 2; k < n; ++k) {
    const double before = at(k - 1);
    if (!(before > 0 && at(k) > factor * before && at(k) - before > least_gap)) continue;
    if (n > 2 && !(at(k) - before > kRangeFactor * (before - at(0)))) continue;
    result.which.assign(order.begin() + static_cast<std::ptrdiff_t>(k), order.end());
    std::ranges::sort(result.which);
    for (const size_t i : result.which) result.values.push_back(scores[i]);
    result.largest_of_others = before;
    break;
  }
  return result;
}

double robust_deviation(const std::vector<double>& values) {
  const double median = quantile(values, 0.5);
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - median));
  return 1.4826 * quantile(distances, 0.5);
}

size_t most_outliers(size_t images) {
  return std::max<size_t>(1, images / 5);
}

}  // namespace iuf
