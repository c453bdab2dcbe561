#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace iuf {

/// Greedy k-centre selection from rows N x C: the row nearest to their mean, then again and again the row that is
/// farthest (Euclidean) from all taken before, `count` in all, or fewer where every other row equals a taken one. Of
/// equals the first. A value that is not finite is an Error. Returns the rows in the order of taking. Exact: rows whose
/// nearest taken row is closer than half its distance to the new one are passed over by the triangle inequality.
std::vector<int64_t> greedy_k_centre(const Tensor& rows, int64_t count);

/// The same, and what takes the place of a fold's rows (stats/folds.h) where the fold is left out: the selection goes
/// on from the others of the taken rows, among the rows outside the fold, until as many are taken again. Together the
/// folds cost about as much as the selection.
struct FoldedCentres {
  std::vector<int64_t> taken;
  std::vector<std::vector<int64_t>> instead;  // by fold; fewer than those of the fold where no other row differs
};
FoldedCentres folded_k_centre(const Tensor& rows, int64_t count, const std::vector<int64_t>& folds);

/// The number of dimensions in which all distances between `rows` points keep within a factor of 1 +- eps after a
/// random projection (Johnson and Lindenstrauss): 4 ln(rows) / (eps^2 / 2 - eps^3 / 3).
int64_t johnson_lindenstrauss_dimensions(int64_t rows, double eps);

/// rows N x C times a sparse random matrix C x dimensions that keeps squared distances in the mean: an entry is 0 but
/// for a share of 1 / sqrt(C), there +-1 / sqrt(dimensions / sqrt(C)) (Li et al. 2006, as scikit-learn's
/// SparseRandomProjection).
Tensor random_projection(const Tensor& rows, int64_t dimensions, uint64_t stream);

/// An Error that begins with `who` and names the row when a value of rows N x C is not finite.
void require_finite_rows(const std::string& who, const Tensor& rows);

/// The rows of these numbers.
Tensor take_rows(const Tensor& rows, const std::vector<int64_t>& numbers);

}  // namespace iuf
