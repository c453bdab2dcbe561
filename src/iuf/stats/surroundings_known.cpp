#include "iuf/stats/surroundings_known.h"

#include <algorithm>
#include <cmath>

#include "iuf/features/in_order.h"
#include "iuf/stats/matrix.h"
#include "tensor/blas.h"

namespace iuf {
namespace {

// Columns [column, column + columns) of a C x n tensor.
Matrix columns_of(const Tensor& weight, int64_t column, int64_t columns) {
  const int64_t rows = weight.dim(0), width = weight.dim(1);
  Matrix part(at(rows * columns));
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      part[at(i * columns + j)] = static_cast<double>(weight.data()[i * width + column + j]);
  return part;
}

}  // namespace

KnownSurroundings::KnownSurroundings(const Surroundings& known, std::vector<double> context,
                                     const SurroundingsOptions& o)
    : known_(known), options_(o), places_(on_grid(known.mean, known.rows, known.columns)) {
  using kernel::product;
  const int64_t c = known.mean.dim(2), k = 8 * known.basis.dim(0), n = c + k;
  // A^-1, and R = A^-1 (V T).
  const Matrix inverse = kernel::inverse_triangle(columns_of(known.weight, 0, c), c);
  Matrix r = product(Trans::no, Trans::no, inverse, columns_of(known.weight, c, k), c, c, k);
  for (double& v : r) v = -v;
  // y = e + R c, of which e is what A whitens.
  Matrix ridged = context;
  add_to_diagonal(ridged, k, o.context_ridge);
  const Matrix regressed = product(Trans::no, Trans::no, r, ridged, c, k, k);  // M_yc
  add_to_diagonal(ridged, k, o.context_ridge);
  const Matrix twice = product(Trans::no, Trans::no, r, ridged, c, k, k);
  Matrix own = product(Trans::no, Trans::yes, inverse, inverse, c, c, c);
  const Matrix explained = product(Trans::no, Trans::yes, twice, r, c, k, c);
  for (size_t i = 0; i < own.size(); ++i) own[i] += explained[i];
  // Less residual_ridge G, which holds M_yy itself.
  const Matrix sums = sum();
  const auto positions = static_cast<double>(known.rows * known.columns);
  Matrix spread(at(c * c));  // S_m
  kernel::add_second_moment(spread, Matrix(places_.data(), places_.data() + places_.size()), places_.dim(0), c);
  for (int64_t i = 0; i < c * c; ++i)
    spread[at(i)] = spread[at(i)] / positions - sums[at(i / c)] * sums[at(i % c)] / (positions * positions);
  const double rho = o.residual_ridge;
  for (int64_t i = 0; i < c; ++i)
    for (int64_t j = 0; j < c; ++j) {
      double& v = own[at(i * c + j)];
      v = i == j ? (v - rho * (1 + o.ridge) * spread[at(i * c + i)]) / (1 + rho + rho * o.ridge)
                 : (v - rho * spread[at(i * c + j)]) / (1 + rho);
    }
  moment_.resize(at(n * n));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      moment_[at(i * n + j)] = i < c && j < c ? own[at(i * c + j)]
                               : i < c        ? regressed[at(i * k + j - c)]
                               : j < c        ? regressed[at(j * k + i - c)]
                                              : context[at((i - c) * k + j - c)];
}

std::vector<std::vector<double>> context_sums(const SurroundingsInput& in, const Surroundings& off) {
  const int64_t c = off.mean.dim(2), k = 8 * off.basis.dim(0), positions = off.rows * off.columns;
  std::vector<Matrix> sums(at(fold_count(in.folds) - kNoFold), Matrix(at(k * k)));
  std::vector<Tensor> loaded(kInOrderSlots);
  in_order(
      in.images, [&](size_t i, size_t slot) { loaded[slot] = off.deviations(in.local(i)); },
      [&](size_t i, size_t slot) {
        const int64_t fold = in.folds.empty() ? kNoFold : in.folds[i];
        kernel::add_second_moment(sums[at(fold - kNoFold)], columns_of(loaded[slot], c, k), positions, k);
      });
  return sums;
}

std::vector<double> KnownSurroundings::sum() const {
  const int64_t c = places_.dim(1);
  Matrix sum(at(c));
  for (int64_t i = 0; i < places_.size(); ++i) sum[at(i % c)] += static_cast<double>(places_.data()[i]);
  return sum;
}

std::vector<double> KnownSurroundings::square() const {
  const int64_t c = places_.dim(1), k = 8 * known_.basis.dim(0), n = c + k;
  Matrix square(at(c * c));
  kernel::add_second_moment(square, Matrix(places_.data(), places_.data() + places_.size()), places_.dim(0), c);
  for (int64_t i = 0; i < c; ++i)
    for (int64_t j = 0; j < c; ++j)
      square[at(i * c + j)] += static_cast<double>(places_.dim(0)) * moment_[at(i * n + j)];
  return square;
}

std::vector<double> KnownSurroundings::squares(const Surroundings& now) const {
  const int64_t c = places_.dim(1);
  // A' A^-1 turns V e of before into that of now.
  const Matrix turn = kernel::product(Trans::no, Trans::no, columns_of(now.weight, 0, c),
                                      kernel::inverse_triangle(columns_of(known_.weight, 0, c), c), c, c, c);
  Matrix shares(turn.size());
  std::ranges::transform(turn, shares.begin(), [](double v) { return v * v; });
  Matrix before(at(known_.variance.size()));
  for (size_t i = 0; i < before.size(); ++i)
    before[i] = std::max(
        0.0, (static_cast<double>(known_.variance.data()[i]) - options_.shrink) / std::max(1 - options_.shrink, 1e-6));
  return kernel::product(Trans::no, Trans::yes, before, shares, known_.variance.size() / c, c, c);
}

}  // namespace iuf
