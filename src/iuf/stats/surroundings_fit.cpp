#include <algorithm>
#include <cmath>
#include <vector>

#include "iuf/data/in_order.h"
#include "iuf/stats/surroundings.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

// Small matrices in double are vectors, row-major.
namespace iuf {
namespace {

using Matrix = std::vector<double>;

// A channel that hardly varies counts by a tenth of the others' deviation, so that it cannot drown them.
constexpr double kDeviationFloor = 0.1;
// Components below this share of the largest are rounding.
constexpr double kLeastEigenvalue = 1e-9;
// Rows of an image are summed in as many parts, each on a thread of its own.
constexpr int64_t kParts = 4;

size_t at(int64_t i) {
  return static_cast<size_t>(i);
}

Tensor in_real(const Shape& shape, const Matrix& values) {
  Tensor t(shape);
  std::transform(values.begin(), values.end(), t.data(), [](double v) { return static_cast<real>(v); });
  return t;
}

// op(A) B: n x k times k x m, where A is stored as k x n if it is transposed.
Matrix product(const Matrix& a, Trans trans, const Matrix& b, int64_t n, int64_t k, int64_t m) {
  Matrix c(at(n * m));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < k; ++j) {
      const double factor = trans == Trans::no ? a[at(i * k + j)] : a[at(j * n + i)];
      for (int64_t l = 0; l < m; ++l) c[at(i * m + l)] += factor * b[at(j * m + l)];
    }
  return c;
}

// Rows and columns [row, row + rows) x [column, column + columns) of an n x n matrix.
Matrix block(const Matrix& a, int64_t n, int64_t row, int64_t rows, int64_t column, int64_t columns) {
  Matrix part(at(rows * columns));
  for (int64_t i = 0; i < rows; ++i) std::copy_n(a.data() + (row + i) * n + column, columns, part.data() + i * columns);
  return part;
}

void add_to_diagonal(Matrix& a, int64_t n, double value) {
  for (int64_t i = 0; i < n; ++i) a[at(i * n + i)] += value;
}

class Fit {
 public:
  explicit Fit(const SurroundingsInput& input) : input_(input), o_(input.options) {}
  Surroundings run();

 private:
  template <class Take>
  void each(Take&& take);
  void places();  // m, B, and W into whitener_
  void channels_of(const Matrix& sum, const Matrix& moment);
  void regression();  // the weight
  void variances();
  void check_shape(const Tensor& local);
  int64_t positions() const { return s_.rows * s_.columns; }
  // A map of sums over all images, as its mean and as it is kept.
  Tensor map_of(const Matrix& sums, int64_t largest) const;

  const SurroundingsInput& input_;
  const SurroundingsOptions& o_;
  int64_t channels_ = 0;
  Matrix whitener_;  // C x C: W
  Surroundings s_;
};

// The images in order; their features are loaded several at once.
template <class Take>
void Fit::each(Take&& take) {
  std::vector<Tensor> loaded(kInOrderSlots);
  in_order(
      input_.images, [&](size_t i, size_t slot) { loaded[slot] = input_.local(i); },
      [&](size_t, size_t slot) {
        check_shape(loaded[slot]);
        take(loaded[slot]);
        loaded[slot] = {};
        input_.progress();
      });
}

void Fit::check_shape(const Tensor& local) {
  if (channels_ == 0 && local.rank() == 2) {
    if (s_.rows == 0) s_.rows = s_.columns = std::llround(std::sqrt(static_cast<double>(local.dim(0))));
    channels_ = local.dim(1);
  }
  const Shape expected{positions(), channels_};
  if (!(local.shape() == expected) || local.size() == 0)
    fail("surroundings: needs the features of one grid, ", expected, " of every image, not ", local.shape());
}

Tensor Fit::map_of(const Matrix& sums, int64_t largest) const {
  const double shrink = std::min(1.0, static_cast<double>(largest) / std::sqrt(static_cast<double>(positions())));
  const auto kept = [&](int64_t side) {
    return std::max<int64_t>(1, std::llround(shrink * static_cast<double>(side)));
  };
  const int64_t height = kept(s_.rows), width = kept(s_.columns);
  Tensor map({1, s_.rows, s_.columns, channels_});
  std::transform(sums.begin(), sums.end(), map.data(),
                 [n = static_cast<double>(input_.images)](double v) { return static_cast<real>(v / n); });
  return (shrink < 1 ? kernel::pool_area(map, height, width) : map).reshape({height, width, channels_});
}

void Fit::places() {
  Matrix sum, moment;
  each([&](const Tensor& local) {
    const Matrix x(local.data(), local.data() + local.size());
    sum.resize(x.size());
    moment.resize(at(channels_ * channels_));
    for (size_t i = 0; i < x.size(); ++i) sum[i] += x[i];
    kernel::add_second_moment(moment, x, local.dim(0), channels_);
  });
  if (!std::ranges::all_of(moment, [](double v) { return std::isfinite(v); }))
    fail("surroundings: the features that it is fitted to are not finite; check the images and the weights");
  channels_of(sum, moment);
  s_.mean = map_of(sum, o_.largest_map);
}

// From the sums over all images: of every position, and of the products of all positions' channels.
void Fit::channels_of(const Matrix& sum, const Matrix& moment) {
  const int64_t c = channels_;
  const double rows = static_cast<double>(positions()) * static_cast<double>(input_.images);
  Matrix mean(at(c)), correlation = moment, deviation(at(c));
  for (size_t i = 0; i < sum.size(); ++i) mean[i % at(c)] += sum[i] / rows;
  double mean_variance = 0;
  for (int64_t i = 0; i < c; ++i)
    for (int64_t j = 0; j < c; ++j) {
      double& v = correlation[at(i * c + j)];
      v = v / rows - mean[at(i)] * mean[at(j)];
      if (i == j) mean_variance += std::max(v, 0.0) / static_cast<double>(c);
    }
  const double least = mean_variance > 0 ? kDeviationFloor * std::sqrt(mean_variance) : 1;  // 1: any unit will do
  for (int64_t i = 0; i < c; ++i)
    deviation[at(i)] = std::max(std::sqrt(std::max(correlation[at(i * c + i)], 0.0)), least);
  for (int64_t i = 0; i < c * c; ++i) correlation[at(i)] /= deviation[at(i / c)] * deviation[at(i % c)];

  const kernel::Eigen eigen = kernel::eigen_symmetric(correlation, c);
  const int64_t components = std::min(o_.components, c);
  Matrix basis(at(components * c));
  for (int64_t k = 0; k < components; ++k) {
    const double value = eigen.values[at(k)];
    if (value <= kLeastEigenvalue * eigen.values[0] || value <= 0) break;  // the others stay 0
    for (int64_t i = 0; i < c; ++i)
      basis[at(k * c + i)] = eigen.vectors[at(k * c + i)] / deviation[at(i)] / std::sqrt(value);
  }
  s_.basis = in_real({components, c}, basis);
  add_to_diagonal(correlation, c, o_.ridge);
  whitener_ = kernel::inverse_cholesky(correlation, c).inverse_lower;
  for (int64_t i = 0; i < c * c; ++i) whitener_[at(i)] /= deviation[at(i % c)];
}

// With M the second moment of (y, c): G = M_cc + context_ridge I = L L^T, R = M_cy W^T, T^T = G^-1 R = L^-T U with
// U = L^-1 R; the second moment of e is W M_yy W^T - U^T U - context_ridge T T^T.
void Fit::regression() {
  const int64_t c = channels_, k = 8 * s_.basis.dim(0), n = c + k, cells = positions();
  std::vector<Matrix> parts(at(kParts), Matrix(at(n * n)));
  const int64_t block_rows = (cells + kParts - 1) / kParts;
  each([&](const Tensor& local) {
    const Tensor rows = s_.deviations(local);
    parallel_for(cells, block_rows, [&](int64_t begin, int64_t end) {
      const Matrix x(rows.data() + begin * n, rows.data() + end * n);
      kernel::add_second_moment(parts[at(begin / block_rows)], x, end - begin, n);
    });
  });
  Matrix moment(at(n * n));
  const double rows = static_cast<double>(cells) * static_cast<double>(input_.images);
  for (const Matrix& part : parts)
    for (size_t i = 0; i < moment.size(); ++i) moment[i] += part[i] / rows;

  Matrix g = block(moment, n, c, k, c, k);
  add_to_diagonal(g, k, o_.context_ridge);
  const Matrix inverse = kernel::inverse_cholesky(g, k).inverse_lower;
  Matrix turned(at(c * c));  // W^T
  for (int64_t i = 0; i < c * c; ++i) turned[at(i)] = whitener_[at(i % c * c + i / c)];
  const Matrix r = product(block(moment, n, c, k, 0, c), Trans::no, turned, k, c, c);
  const Matrix u = product(inverse, Trans::no, r, k, k, c), t = product(inverse, Trans::yes, u, k, k, c);
  Matrix rest =
      product(whitener_, Trans::no, product(block(moment, n, 0, c, 0, c), Trans::no, turned, c, c, c), c, c, c);
  const Matrix explained = product(u, Trans::yes, u, c, k, c), penalty = product(t, Trans::yes, t, c, k, c);
  for (size_t i = 0; i < rest.size(); ++i) rest[i] -= explained[i] + o_.context_ridge * penalty[i];
  add_to_diagonal(rest, c, o_.residual_ridge);
  const Matrix v = kernel::inverse_cholesky(rest, c).inverse_lower;

  const Matrix own = product(v, Trans::no, whitener_, c, c, c);
  Matrix weight(at(c * n));
  for (int64_t i = 0; i < c; ++i) {
    std::copy_n(own.data() + i * c, c, weight.data() + i * n);
    for (int64_t j = 0; j < c; ++j)
      for (int64_t l = 0; l < k; ++l) weight[at(i * n + c + l)] -= v[at(i * c + j)] * t[at(l * c + j)];
  }
  s_.weight = in_real({c, n}, weight);
}

void Fit::variances() {
  Matrix squares(at(positions() * channels_));
  each([&](const Tensor& local) {
    const Tensor rest = s_.unexplained(local);
    for (size_t i = 0; i < squares.size(); ++i) {
      const auto e = static_cast<double>(rest.data()[i]);
      squares[i] += e * e;
    }
  });
  s_.variance = map_of(squares, o_.largest_variance_map);
  for (real& v : s_.variance.span()) v = static_cast<real>(o_.shrink + (1 - o_.shrink) * static_cast<double>(v));
}

Surroundings Fit::run() {
  if (input_.images == 0) fail("surroundings: no images to fit");
  s_.rows = input_.rows;
  s_.columns = input_.columns;
  s_.nearest = o_.nearest;
  s_.farthest = o_.farthest;
  places();
  if (input_.images == 1) {
    const int64_t kept = s_.mean.dim(0) * s_.mean.dim(1);
    std::vector<double> mean(at(channels_));
    for (int64_t i = 0; i < s_.mean.size(); ++i) mean[at(i % channels_)] += static_cast<double>(s_.mean.data()[i]);
    for (int64_t i = 0; i < s_.mean.size(); ++i)
      s_.mean.data()[i] = static_cast<real>(mean[at(i % channels_)] / static_cast<double>(kept));
  }
  regression();
  variances();
  return s_;
}

}  // namespace

Surroundings fit_surroundings(const SurroundingsInput& input) {
  return Fit(input).run();
}

}  // namespace iuf
