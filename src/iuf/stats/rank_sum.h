#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace iuf {

/// The chance that the scores of both labels have an AUROC as low as these, if scores say nothing of labels: the lower
/// tail of the rank sum test (Wilcoxon 1945, Mann and Whitney 1947). Exact where the labels make few pairs, else by
/// the normal approximation with the correction for equal scores. A score and a label (whether it is a positive one)
/// for each image; 1 where one of both labels is absent.
double chance_of_lower_auroc(std::span<const double> scores, std::span<const uint8_t> labels);

/// The chance of so many or more signs of one kind among these, if both kinds are equally likely (the sign test); 1 of
/// none.
double chance_of_signs(size_t more, size_t fewer);

}  // namespace iuf
