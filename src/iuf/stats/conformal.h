#pragma once

#include <cstddef>
#include <vector>

// Thresholds from the scores of normal images that were judged as unseen ones (conformal prediction, Vovk et al. 2005).
// If the next normal image is as these were, its score is equally likely to have any of the n + 1 ranks among them.
namespace iuf {

/// The smallest threshold that promises a share of false alarms of at most `rate`, above 0 and below 1: the k-th
/// largest score with k = rate (n + 1), rounded down; the next image is above it with probability k / (n + 1). Where n
/// is smaller than images_needed(rate), no score promises as much. Then the threshold is an extrapolation, the
/// prediction limit of a normal distribution, mean + t(1 - rate) s sqrt(1 + 1/n), but not less than the largest score.
/// Errors: no scores; one that is not finite.
double conformal_threshold(std::vector<double> scores, double rate);

/// The fewest scores that can promise so few false alarms: the smallest n with rate (n + 1) >= 1.
size_t images_needed(double rate);

/// How often an alarm is false, in the long run: with a of n scores above the threshold, a rate that is distributed as
/// Beta(a + 1, n - a). Errors: no scores; one that is not finite.
struct AlarmDistribution {
  size_t a = 1, b = 1;
};
AlarmDistribution alarm_distribution(const std::vector<double>& scores, double threshold);

/// How many false alarms to expect.
struct AlarmRate {
  double expected = 0;       // of the next normal image: (number above the threshold + 1) / (n + 1)
  double low = 0, high = 0;  // holds the rate in the long run with a probability of 95 %
};
AlarmRate alarm_rate(const std::vector<double>& scores, double threshold);
/// The probability of at most so many alarms among later normal images: beta-binomial, as the rate is not known
/// exactly.
double chance_of_alarms(const std::vector<double>& scores, double threshold, size_t most, size_t images);
/// The largest probability with which conformal_threshold() of other normal scores, as many as these, lies between two
/// values, for any middle of its distribution: that is taken for normal with the standard error that a threshold of
/// normally distributed scores has, an order statistic's or, where it is extrapolated, a prediction limit's. 1 of fewer
/// than two scores.
double chance_between(const std::vector<double>& scores, double rate, double low, double high);
/// Whether this number of alarms, of so many later normal images, is inside the interval that holds it with a
/// probability of 95 %: one-sided where no score is above the threshold, as that of alarm_rate.
bool alarms_as_expected(const std::vector<double>& scores, double threshold, size_t alarms, size_t images);

/// The value that Beta(a, b) stays below with probability q; a and b whole numbers of at least 1.
double beta_quantile(double q, size_t a, size_t b);

}  // namespace iuf
