#include "iuf/stats/k_centre.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/blas.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/reduce.h"
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
  constexpr real kRounding = real(1.0001);
  for (int64_t r = 0; r < count; ++r) {
    Nearest& own = nearest[r];
    if (number > 0 && between[own.centre] >= 4 * own.squared * kRounding) continue;
    const real squared = simd::squared_distance(rows + r * n, centre, n);
    if (squared < own.squared) own = {squared, number};
  }
}

}  // namespace

std::vector<int64_t> greedy_k_centre(const Tensor& rows, int64_t count) {
  if (rows.rank() != 2 || rows.dim(0) == 0 || rows.dim(1) == 0)
    fail("greedy_k_centre: rows ", rows.shape(), ", expected N x C with at least one row");
  require_finite_rows("greedy_k_centre", rows);
  const int64_t n = rows.dim(0), c = rows.dim(1), blocks = (n + kBlock - 1) / kBlock;
  Tensor mean = kernel::column_sum(rows);
  for (real& v : mean.span()) v /= static_cast<real>(n);
  std::vector<real> from_mean(static_cast<size_t>(n));
  parallel_for(n, kBlock, [&](int64_t b, int64_t e) {
    squared_differences(rows.data() + b * c, mean.data(), e - b, c, from_mean.data() + b);
  });

  std::vector<int64_t> taken;
  std::vector<Nearest> nearest(static_cast<size_t>(n));
  Tensor centres({std::min(count, n), c});
  std::vector<real> between(static_cast<size_t>(centres.dim(0)));
  std::vector<int64_t> farthest(static_cast<size_t>(blocks));  // of each block
  int64_t next = std::min_element(from_mean.begin(), from_mean.end()) - from_mean.begin();
  while (static_cast<int64_t>(taken.size()) < centres.dim(0)) {
    const auto number = static_cast<int64_t>(taken.size());
    const real* centre = rows.data() + next * c;
    squared_differences(centres.data(), centre, number, c, between.data());
    std::copy_n(centre, c, centres.data() + number * c);
    taken.push_back(next);
    parallel_for(n, kBlock, [&](int64_t b, int64_t e) {
      meet_centre(rows.data() + b * c, e - b, c, centre, static_cast<int32_t>(number), between.data(),
                  nearest.data() + b);
      farthest[static_cast<size_t>(b / kBlock)] =
          std::max_element(nearest.begin() + b, nearest.begin() + e,
                           [](const Nearest& x, const Nearest& y) { return x.squared < y.squared; }) -
          nearest.begin();
    });
    next = farthest[0];
    for (int64_t row : farthest)
      if (nearest[static_cast<size_t>(row)].squared > nearest[static_cast<size_t>(next)].squared) next = row;
    if (nearest[static_cast<size_t>(next)].squared == 0) break;
  }
  return taken;
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
