#include "iuf/stats/folds.h"

#include <algorithm>
#include <numeric>

#include "tensor/error.h"

namespace iuf {

int64_t fold_count(const std::vector<int64_t>& folds) {
  for (const int64_t fold : folds)
    if (fold < kNoFold) fail("folds: an image is in fold ", fold);
  const int64_t largest = folds.empty() ? kNoFold : std::ranges::max(folds);
  std::vector<size_t> images(static_cast<size_t>(largest + 1));
  for (const int64_t fold : folds)
    if (fold != kNoFold) ++images[static_cast<size_t>(fold)];
  for (size_t f = 0; f < images.size(); ++f) {
    if (images[f] == 0) fail("folds: no image is in fold ", f, " of ", images.size());
    if (images[f] == folds.size()) fail("folds: without fold ", f, " no image is left to learn from");
  }
  return largest + 1;
}

std::vector<size_t> by_fold(const std::vector<int64_t>& folds) {
  std::vector<size_t> order(folds.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // kNoFold becomes the largest number.
  std::ranges::stable_sort(order, {}, [&](size_t i) { return static_cast<uint64_t>(folds[i]); });
  return order;
}

}  // namespace iuf
