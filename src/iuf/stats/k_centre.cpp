#include "iuf/stats/k_centre.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "iuf/stats/folds.h"
#include "tensor/blas.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/reduce.h"
#include "tensor/row_kernels.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

constexpr int64_t kBlock = 2048;  // rows

IUF_SIMD void squared_differences(const real* rows, const real* point, int64_t count, int64_t n, real* out) {
  for (int64_t r = 0; r < count; ++r) out[r] = simd::squared_distance(rows + r * n, point, n);
}

// What a row knows of the centres so far.
struct Nearest {
  real squared = std::numeric_limits<real>::infinity();
  int32_t centre = 0;
};

// Lets the rows know of the new centre number `number` at `centre`. `between`: its squared distance to each earlier
// one. By the triangle inequality a row keeps its centre when the new one is at least twice as far from that centre as
// the row is.
IUF_SIMD void meet_centre(const real* rows, int64_t count, int64_t n, const real* centre, int32_t number,
                          const real* between, Nearest* nearest) {
  constexpr real kSlack = real(1.0001);
  for (int64_t r = 0; r < count; ++r) {
    Nearest& own = nearest[r];
    if (number > 0 && between[own.centre] >= 4 * own.squared * kSlack) continue;
    const real squared = simd::squared_distance(rows + r * n, centre, n);
    if (squared < own.squared) own = {squared, number};
  }
}

// A selection as it grows: what is taken, and how far every row is from it.
class Selection {
 public:
  // With room for so many centres.
  Selection(const Tensor& rows, int64_t room)
      : rows_(rows),
        centres_({room, rows.dim(1)}),
        between_(static_cast<size_t>(room)),
        farthest_(static_cast<size_t>((rows.dim(0) + kBlock - 1) / kBlock)) {
    know(std::vector<Nearest>(static_cast<size_t>(rows.dim(0))));
  }

  int64_t size() const { return size_; }
  const real* centre(int64_t number) const { return centres_.data() + number * centres_.dim(1); }
  const std::vector<Nearest>& nearest() const { return nearest_; }
  // Of every row, in place of what it knew.
  void know(std::vector<Nearest> nearest);
  void take(int64_t row);
  // Takes the row that is farthest from all taken ones, the first of equals, again and again. Returns these rows,
  // fewer than `count` where every row equals a taken one.
  std::vector<int64_t> take_farthest(int64_t count);

 private:
  void find_farthest(int64_t begin, int64_t end);

  const Tensor& rows_;
  Tensor centres_;  // shared by a copy of the selection: only one of them may grow
  int64_t size_ = 0;
  std::vector<Nearest> nearest_;
  std::vector<real> between_;
  std::vector<int64_t> farthest_;  // of each block
};

void Selection::find_farthest(int64_t begin, int64_t end) {
  farthest_[static_cast<size_t>(begin / kBlock)] =
      std::ranges::max_element(nearest_.begin() + begin, nearest_.begin() + end, {}, &Nearest::squared) -
      nearest_.begin();
}

void Selection::know(std::vector<Nearest> nearest) {
  nearest_ = std::move(nearest);
  parallel_for(rows_.dim(0), kBlock, [&](int64_t b, int64_t e) { find_farthest(b, e); });
}

void Selection::take(int64_t row) {
  const int64_t c = rows_.dim(1);
  const real* centre = rows_.data() + row * c;
  squared_differences(centres_.data(), centre, size_, c, between_.data());
  std::copy_n(centre, c, centres_.data() + size_ * c);
  parallel_for(rows_.dim(0), kBlock, [&](int64_t b, int64_t e) {
    meet_centre(rows_.data() + b * c, e - b, c, centre, static_cast<int32_t>(size_), between_.data(),
                nearest_.data() + b);
    find_farthest(b, e);
  });
  ++size_;
}

std::vector<int64_t> Selection::take_farthest(int64_t count) {
  std::vector<int64_t> taken;
  const auto squared = [&](int64_t row) { return nearest_[static_cast<size_t>(row)].squared; };
  while (std::ssize(taken) < count) {
    const int64_t next = *std::ranges::max_element(farthest_, {}, squared);
    if (squared(next) == 0) break;
    take(next);
    taken.push_back(next);
  }
  return taken;
}

std::vector<real> squared_from_mean(const Tensor& rows) {
  const int64_t n = rows.dim(0), c = rows.dim(1);
  Tensor mean = kernel::column_sum(rows);
  for (real& v : mean.span()) v /= static_cast<real>(n);
  std::vector<real> squared(static_cast<size_t>(n));
  parallel_for(n, kBlock, [&](int64_t b, int64_t e) {
    squared_differences(rows.data() + b * c, mean.data(), e - b, c, squared.data() + b);
  });
  return squared;
}

// Of the rows whose nearest centre is of another fold than they are: the nearest centre that is not of that fold, at an
// infinite distance where there is none. The centres are tried in the order of their distance to the row's nearest one,
// until the triangle inequality says that none of the others is closer.
std::vector<Nearest> second_nearest(const Tensor& rows, const std::vector<int64_t>& folds, const Selection& s,
                                    const std::vector<int64_t>& fold_of) {
  constexpr real kSlack = real(1.0001);
  const int64_t c = rows.dim(1);
  std::vector<std::vector<int64_t>> own(fold_of.size());  // rows of each centre
  for (size_t r = 0; r < folds.size(); ++r) {
    const auto centre = static_cast<size_t>(s.nearest()[r].centre);
    if (fold_of[centre] != kNoFold && fold_of[centre] != folds[r]) own[centre].push_back(static_cast<int64_t>(r));
  }
  std::vector<Nearest> second(folds.size());
  parallel_for(s.size(), 1, [&](int64_t i, int64_t) {
    const auto number = static_cast<size_t>(i);
    if (own[number].empty()) return;
    std::vector<std::pair<real, int32_t>> others;  // by their distance to this one
    for (size_t o = 0; o < fold_of.size(); ++o)
      if (fold_of[o] != fold_of[number])
        others.emplace_back(std::sqrt(kernel::squared_distance(s.centre(i), s.centre(static_cast<int64_t>(o)), c)), o);
    std::ranges::sort(others);
    for (const int64_t r : own[number]) {
      Nearest& best = second[static_cast<size_t>(r)];
      const real to_own = std::sqrt(s.nearest()[static_cast<size_t>(r)].squared);
      for (const auto& [between, other] : others) {
        if (between >= (to_own + std::sqrt(best.squared)) * kSlack) break;
        const real squared = kernel::squared_distance(rows.data() + r * c, s.centre(other), c);
        if (squared < best.squared) best = {squared, other};
      }
    }
  });
  return second;
}

// The row outside this fold that is nearest to the mean; of all rows without one.
std::optional<int64_t> middle_row(const std::vector<real>& from_mean, const std::vector<int64_t>& folds,
                                  std::optional<int64_t> fold) {
  std::optional<int64_t> middle;
  for (size_t r = 0; r < folds.size(); ++r)
    if (folds[r] != fold && (!middle || from_mean[r] < from_mean[static_cast<size_t>(*middle)]))
      middle = static_cast<int64_t>(r);
  return middle;
}

void append(std::vector<int64_t>& rows, const std::vector<int64_t>& more) {
  rows.insert(rows.end(), more.begin(), more.end());
}

}  // namespace

std::vector<int64_t> greedy_k_centre(const Tensor& rows, int64_t count) {
  return folded_k_centre(rows, count, std::vector<int64_t>(static_cast<size_t>(rows.dim(0)), kNoFold)).taken;
}

FoldedCentres folded_k_centre(const Tensor& rows, int64_t count, const std::vector<int64_t>& folds) {
  if (rows.rank() != 2 || rows.dim(0) == 0 || rows.dim(1) == 0)
    fail("greedy_k_centre: rows ", rows.shape(), ", expected N x C with at least one row");
  if (std::ssize(folds) != rows.dim(0))
    fail("greedy_k_centre: ", folds.size(), " numbers of folds for rows ", rows.shape());
  require_finite_rows("greedy_k_centre", rows);
  const std::vector<real> from_mean = squared_from_mean(rows);
  const int64_t most = std::clamp<int64_t>(count, 1, rows.dim(0)), last_fold = std::ranges::max(folds);
  FoldedCentres centres{.taken = {*middle_row(from_mean, folds, std::nullopt)}, .instead = {}};
  Selection s(rows, last_fold == kNoFold ? most : 2 * most);
  s.take(centres.taken[0]);
  append(centres.taken, s.take_farthest(most - 1));
  if (last_fold == kNoFold) return centres;

  std::vector<int64_t> fold_of;  // of each centre
  for (const int64_t row : centres.taken) fold_of.push_back(folds[static_cast<size_t>(row)]);
  const std::vector<Nearest> second = second_nearest(rows, folds, s, fold_of);
  for (int64_t fold = 0; fold <= last_fold; ++fold) {
    const int64_t gone = std::ranges::count(fold_of, fold);
    std::vector<Nearest> nearest = s.nearest();
    for (size_t r = 0; r < folds.size(); ++r) {
      if (folds[r] == fold)
        nearest[r] = {.squared = 0};  // never the farthest
      else if (fold_of[static_cast<size_t>(nearest[r].centre)] == fold)
        nearest[r] = second[r];
    }
    Selection without = s;
    without.know(std::move(nearest));
    std::vector<int64_t> instead;
    if (const auto middle = middle_row(from_mean, folds, fold); middle && gone == std::ssize(fold_of)) {
      without.take(*middle);
      instead.push_back(*middle);
    }
    append(instead, without.take_farthest(gone - std::ssize(instead)));
    centres.instead.push_back(std::move(instead));
  }
  return centres;
}

int64_t johnson_lindenstrauss_dimensions(int64_t rows, double eps) {
  if (rows < 1 || eps <= 0 || eps >= 1)
    fail("johnson_lindenstrauss_dimensions: ", rows, " rows, eps ", eps, "; expected rows and eps between 0 and 1");
  return static_cast<int64_t>(4 * std::log(static_cast<double>(rows)) / (eps * eps / 2 - eps * eps * eps / 3));
}

Tensor random_projection(const Tensor& rows, int64_t dimensions, uint64_t stream) {
  const int64_t n = rows.dim(0), c = rows.dim(1);
  const real density = 1 / std::sqrt(static_cast<real>(c));
  const real value = std::sqrt(1 / (density * static_cast<real>(dimensions)));
  Tensor matrix({c, dimensions}), projected({n, dimensions});
  fill_uniform(matrix, 0, 1, stream);
  for (real& v : matrix.span()) v = v < density / 2 ? -value : v < density ? value : 0;
  kernel::parallel_gemm(Trans::no, Trans::no, n, dimensions, c, 1, rows.data(), c, matrix.data(), dimensions, 0,
                        projected.data(), dimensions);
  return projected;
}

void require_finite_rows(const std::string& who, const Tensor& rows) {
  if (kernel::all_finite(rows)) return;
  const auto bad = std::ranges::find_if(rows.span(), [](real v) { return !std::isfinite(v); }) - rows.span().begin();
  fail(who, ": row ", bad / rows.dim(1),
       " holds a value that is not finite; check the images and the backbone's weights");
}

Tensor take_rows(const Tensor& rows, const std::vector<int64_t>& numbers) {
  const int64_t c = rows.dim(1);
  Tensor taken({static_cast<int64_t>(numbers.size()), c});
  for (size_t i = 0; i < numbers.size(); ++i)
    std::copy_n(rows.data() + numbers[i] * c, c, taken.data() + static_cast<int64_t>(i) * c);
  return taken;
}

}  // namespace iuf
