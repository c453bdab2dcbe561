#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace iuf {

/// Cross-validation of one object's images: those of a fold are judged by statistics that have not seen them. Images
/// in no fold are in everybody's statistics, and are not judged.
constexpr int64_t kNoFold = -1;

/// How many folds these images are in: one more than the largest number. Throws Error for numbers below kNoFold, for
/// folds without an image, and for a single fold that leaves no image to learn from.
int64_t fold_count(const std::vector<int64_t>& folds);

/// The images fold by fold, those in none last; in each in their order.
std::vector<size_t> by_fold(const std::vector<int64_t>& folds);

}  // namespace iuf
