#pragma once

#include <algorithm>
#include <functional>

#include "iuf/stats/folds.h"
#include "iuf/stats/matrix.h"

namespace iuf {

inline void add(Matrix& sum, const Matrix& values) {
  sum.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) sum[i] += values[i];
}

inline Matrix difference(const Matrix& a, const Matrix& b) {
  Matrix c(a.size());
  std::transform(a.begin(), a.end(), b.begin(), c.begin(), std::minus<>());
  return c;
}

/// A sum over the images of each fold, and over all of them.
struct FoldSums {
  std::vector<Matrix> of_fold = {};
  Matrix total = {};

  /// `values`: over the images of this fold.
  void add_fold(int64_t fold, const Matrix& values) {
    add(total, values);
    if (fold != kNoFold) of_fold.push_back(values);
  }
  /// Over all images, or all but those of a fold.
  Matrix without(int64_t fold) const {
    return fold == kNoFold ? total : difference(total, of_fold[static_cast<size_t>(fold)]);
  }
};

}  // namespace iuf
