#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace iuf {

/// A value that is not finite is an Error of all of these.
/// The value below which a share `q` of the values lies, interpolated between neighbours (NumPy's default).
double quantile(std::vector<double> values, double q);

/// The value that Student's t with a whole number of degrees of freedom (at least 1) stays below with probability q, 0
/// < q < 1.
double student_quantile(double q, int64_t degrees);

/// The score that the next normal image stays below with probability q. From 1 / (1 - q) held-out normal images on it
/// is the q-quantile of their scores. Fewer say nothing about so rare a score by themselves; then it is the prediction
/// limit of a normal distribution, mean + t(q) s sqrt(1 + 1/n), with the mean of the n held-out scores and the
/// deviation s pooled from the held-out and the training scores, but not less than the largest held-out score. Without
/// held-out scores the training scores stand in for them, which makes the limit a little low.
double score_threshold(std::vector<double> held_out, const std::vector<double>& training, double q);
/// Whether score_threshold() looks at the training scores.
bool needs_training_scores(size_t held_out, double q);

}  // namespace iuf
