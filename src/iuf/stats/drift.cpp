#include "iuf/stats/drift.h"

#include <algorithm>
#include <cmath>

#include "iuf/stats/threshold.h"

namespace iuf {

double beta_binomial(size_t x, size_t n, double a, double b) {
  const auto log_beta = [](double p, double q) { return std::lgamma(p) + std::lgamma(q) - std::lgamma(p + q); };
  const auto count = static_cast<double>(n);
  double sum = 0;
  for (size_t i = 0; i <= std::min(x, n); ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(log_beta(k + a, count - k + b) - log_beta(a, b) - std::log(count + 1) -
                    log_beta(count - k + 1, k + 1));
  }
  return std::min(sum, 1.0);
}

Drift score_drift(const std::vector<double>& calibration, const std::vector<double>& later, double chance) {
  if (std::min(calibration.size(), later.size()) < kLeastForDrift) return Drift::none;
  const double median = quantile(calibration, 0.5);
  const auto above = [&](const std::vector<double>& scores) {
    return static_cast<size_t>(std::ranges::count_if(scores, [&](double s) { return s > median; }));
  };
  const size_t known = above(calibration), now = above(later), n = later.size();
  const double a = static_cast<double>(known) + 1, b = static_cast<double>(calibration.size() - known) + 1;
  if (beta_binomial(now, n, a, b) < chance) return Drift::down;
  if (beta_binomial(n - now, n, b, a) < chance) return Drift::up;
  return Drift::none;
}

}  // namespace iuf
