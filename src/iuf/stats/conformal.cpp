#include "iuf/stats/conformal.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "iuf/stats/drift.h"
#include "iuf/stats/tails.h"
#include "iuf/stats/threshold.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr double kConfidence = 0.95, kTail = (1 - kConfidence) / 2;
// Of rate (n + 1), so that 1 % of 100 is one.
constexpr double kRounding = 1e-9;
constexpr int64_t kAlmostNormal = 1000000;  // degrees of freedom

// P(Beta(a, b) < x): at least a of a + b - 1 uniform numbers are below x.
double beta_probability(double x, size_t a, size_t b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return binomial_tail(a, a + b - 1, x);
}

void check_scores(const char* who, const std::vector<double>& scores) {
  if (scores.empty()) fail(who, ": no scores");
  if (!std::ranges::all_of(scores, [](double v) { return std::isfinite(v); }))
    fail(who,
         ": a score is not a finite number; the network is damaged, or its training diverged: lower the learning rate, "
         "or make the model again");
}

struct Spread {
  double mean = 0, deviation = 0;
  int64_t degrees = 1;
};

// Of at least two scores.
Spread spread_of(const std::vector<double>& scores) {
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
  double squares = 0;
  for (const double s : scores) squares += (s - mean) * (s - mean);
  const auto degrees = static_cast<int64_t>(scores.size()) - 1;
  return {.mean = mean, .deviation = std::sqrt(squares / static_cast<double>(degrees)), .degrees = degrees};
}

}  // namespace

size_t images_needed(double rate) {
  return static_cast<size_t>(std::max(1.0, std::ceil(1 / rate - 1 - kRounding)));
}

double conformal_threshold(std::vector<double> scores, double rate) {
  check_scores("threshold", scores);
  if (!(rate > 0 && rate < 1)) fail("threshold: false alarms ", rate, "; expected a share between 0 and 1");
  std::ranges::sort(scores, std::greater());
  const auto n = static_cast<double>(scores.size());
  if (scores.size() >= images_needed(rate))
    return scores[std::min(static_cast<size_t>(rate * (n + 1) + kRounding), scores.size()) - 1];
  if (scores.size() == 1) return scores[0];
  const Spread spread = spread_of(scores);
  const double t = student_quantile(1 - rate, spread.degrees);
  return std::max(scores[0], spread.mean + t * spread.deviation * std::sqrt(1 + 1 / n));
}

AlarmDistribution alarm_distribution(const std::vector<double>& scores, double threshold) {
  check_scores("alarm rate", scores);
  const auto above = static_cast<size_t>(std::ranges::count_if(scores, [&](double s) { return s > threshold; }));
  return {.a = above + 1, .b = scores.size() - above};
}

AlarmRate alarm_rate(const std::vector<double>& scores, double threshold) {
  const auto [a, b] = alarm_distribution(scores, threshold);
  if (b == 0) return {.expected = 1, .low = beta_quantile(kTail, scores.size(), 1), .high = 1};
  return {.expected = static_cast<double>(a) / static_cast<double>(scores.size() + 1),
          .low = a == 1 ? 0 : beta_quantile(kTail, a, b),
          .high = beta_quantile(a == 1 ? kConfidence : 1 - kTail, a, b)};
}

double chance_of_alarms(const std::vector<double>& scores, double threshold, size_t most, size_t images) {
  const auto [a, b] = alarm_distribution(scores, threshold);
  if (b == 0) return most < images ? 0 : 1;
  return beta_binomial(most, images, static_cast<double>(a), static_cast<double>(b));
}

double chance_between(const std::vector<double>& scores, double rate, double low, double high) {
  check_scores("chance", scores);
  if (scores.size() < 2) return 1;
  const auto n = static_cast<double>(scores.size());
  const Spread spread = spread_of(scores);
  double error = 0;
  if (scores.size() >= images_needed(rate)) {
    const double z = student_quantile(1 - rate, kAlmostNormal);
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    error = std::sqrt(rate * (1 - rate) / n) / density;
  } else {
    const double t = student_quantile(1 - rate, spread.degrees);
    error = std::sqrt(1 / n + t * t / (2 * static_cast<double>(spread.degrees)));
  }
  if (!(error * spread.deviation > 0)) return 1;
  return std::erf((high - low) / (2 * std::numbers::sqrt2 * error * spread.deviation));
}

bool alarms_as_expected(const std::vector<double>& scores, double threshold, size_t alarms, size_t images) {
  const auto [a, b] = alarm_distribution(scores, threshold);
  if (b == 0) return true;  // all are above: nothing is too many
  const auto probability = [&](size_t most) { return chance_of_alarms(scores, threshold, most, images); };
  const bool too_many = alarms > 0 && probability(alarms - 1) > (a == 1 ? kConfidence : 1 - kTail);
  const bool too_few = a > 1 && probability(alarms) < kTail;
  return !too_many && !too_few;
}

double beta_quantile(double q, size_t a, size_t b) {
  if (!(q > 0 && q < 1) || a == 0 || b == 0) fail("beta_quantile: q = ", q, " of Beta(", a, ", ", b, ")");
  double low = 0, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (beta_probability(middle, a, b) < q ? low : high) = middle;
  }
  return high;
}

}  // namespace iuf
