#pragma once

#include <cstddef>
#include <vector>

namespace iuf {

enum class Drift { none, up, down };

constexpr size_t kLeastForDrift = 15;
constexpr double kChanceOfDrift = 1e-4;
/// Whether later scores of normal images lie clearly higher or lower than those of the calibration: so many of them
/// above, or below, the calibration's median as chance gives with probability `chance`, when both are alike. The
/// number of later scores above the median has a beta-binomial distribution then, as the median of few scores is not
/// known exactly. None for fewer than kLeastForDrift of either.
Drift score_drift(const std::vector<double>& calibration, const std::vector<double>& later,
                  double chance = kChanceOfDrift);

/// P(X <= x) of a beta-binomial distribution of n trials: the chance of success is distributed as Beta(a, b).
double beta_binomial(size_t x, size_t n, double a, double b);

}  // namespace iuf
