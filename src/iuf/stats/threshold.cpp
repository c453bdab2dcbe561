#include "iuf/stats/threshold.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tensor/error.h"

namespace iuf {
namespace {

// P(T < t) for t >= 0: the finite series in cos(theta), theta = atan(t / sqrt(degrees)), Abramowitz & Stegun 26.7.3-4.
double student_probability(double t, int64_t degrees) {
  const double theta = std::atan(t / std::sqrt(static_cast<double>(degrees))), cosine = std::cos(theta);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1, sum = degrees == 1 ? 0 : term;
  for (int64_t k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  const double inside = odd ? 2 / std::numbers::pi * (theta + std::sin(theta) * sum) : std::sin(theta) * sum;
  return 0.5 + inside / 2;
}

void need_finite(const char* who, const std::vector<double>& values) {
  if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); }))
    fail(who,
         ": a score is not a finite number; the network is damaged, or its training diverged: lower the learning "
         "rate, or make the model again");
}

}  // namespace

double quantile(std::vector<double> values, double q) {
  need_finite("quantile", values);
  std::ranges::sort(values);
  return sorted_quantile(values, q);
}

double sorted_quantile(std::span<const double> values, double q) {
  if (values.empty()) fail("quantile: no values");
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

double student_quantile(double q, int64_t degrees) {
  if (!(q > 0 && q < 1) || degrees < 1) fail("student_quantile: q = ", q, " with ", degrees, " degrees of freedom");
  if (q < 0.5) return -student_quantile(1 - q, degrees);
  double low = 0, high = 1;
  while (high < 1e15 && student_probability(high, degrees) < q) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (student_probability(middle, degrees) < q ? low : high) = middle;
  }
  return high;
}

}  // namespace iuf
