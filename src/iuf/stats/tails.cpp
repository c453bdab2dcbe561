#include "iuf/stats/tails.h"

#include <algorithm>
#include <cmath>

namespace iuf {
namespace {

// The logarithm of the number of ways to choose k of n.
double log_ways(size_t n, size_t k) {
  const auto all = static_cast<double>(n), some = static_cast<double>(k);
  return std::lgamma(all + 1) - std::lgamma(some + 1) - std::lgamma(all - some + 1);
}

}  // namespace

double binomial_tail(size_t k, size_t n, double chance) {
  double sum = 0;
  for (size_t i = k; i <= n; ++i)
    sum += std::exp(log_ways(n, i) + static_cast<double>(i) * std::log(chance) +
                    static_cast<double>(n - i) * std::log1p(-chance));
  return std::min(sum, 1.0);
}

double hypergeometric_tail(size_t k, size_t drawn, size_t marked, size_t all) {
  double sum = 0;
  for (size_t i = k; i <= std::min(drawn, marked); ++i)
    if (marked - i <= all - drawn)
      sum += std::exp(log_ways(drawn, i) + log_ways(all - drawn, marked - i) - log_ways(all, marked));
  return std::min(sum, 1.0);
}

}  // namespace iuf
