#pragma once

#include <cstddef>
#include <vector>

namespace iuf {

/// Images that differ from the others of their object more than these do among each other.
struct Outliers {
  std::vector<size_t> which = {};   // ascending
  std::vector<double> values = {};  // of these
  double largest_of_others = 0;
};

/// The scores of normal images that stand apart from the others, above a gap: in ascending order, the first value
/// beyond the lower half that is more than 2.5 times the one before it (2.2 times from ten scores on, when the
/// neighbours are closer), and all that follow. From three scores on the gap is also more than 1.5 times the range of
/// all scores below it, and always more than `least_gap`. The lower half is never named. Fewer than two scores cannot
/// be compared. The outliers themselves do not widen a gap between neighbours, as they would a deviation, and two
/// scores suffice.
Outliers scores_apart(const std::vector<double>& scores, double least_gap = 0);
/// 1.4826 times the median distance to the median: the standard deviation of a normal distribution.
double robust_deviation(const std::vector<double>& values);

/// Up to how many of an object's images can be outliers; more are a second kind of picture. A fifth, and one.
size_t most_outliers(size_t images);

}  // namespace iuf
