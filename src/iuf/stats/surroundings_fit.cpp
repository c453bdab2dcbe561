#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "iuf/features/in_order.h"
#include "iuf/stats/fold_sums.h"
#include "iuf/stats/surroundings.h"
#include "iuf/stats/surroundings_known.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

// Small matrices in double are vectors, row-major.
namespace iuf {
namespace {

// A channel that hardly varies counts by a tenth of the others' deviation, so that it cannot drown them.
constexpr double kLeastDeviation = 0.1;
// Components below this share of the largest are rounding.
constexpr double kLeastEigenvalue = 1e-9;
// Rows of an image are summed in as many parts, each on a thread of its own.
constexpr int64_t kParts = 4;

Tensor in_real(const Shape& shape, const Matrix& values) {
  Tensor t(shape);
  std::transform(values.begin(), values.end(), t.data(), [](double v) { return static_cast<real>(v); });
  return t;
}

// Rows and columns [row, row + rows) x [column, column + columns) of an n x n matrix.
Matrix block(const Matrix& a, int64_t n, int64_t row, int64_t rows, int64_t column, int64_t columns) {
  Matrix part(at(rows * columns));
  for (int64_t i = 0; i < rows; ++i) std::copy_n(a.data() + (row + i) * n + column, columns, part.data() + i * columns);
  return part;
}

class Fit {
 public:
  explicit Fit(const SurroundingsInput& input)
      : input_(input), o_(input.options), folds_(input.folds), images_(at(fold_count(input.folds))) {
    folds_.resize(input.images, kNoFold);
    order_ = by_fold(folds_);
    for (const int64_t fold : folds_)
      if (fold != kNoFold) ++images_[at(fold)];
  }
  Surroundings run();

 private:
  template <class Take, class End>
  void each(Take&& take, End&& end_of_fold);
  void places();    // means_, sum_, square_
  void channels();  // B, and W into whitener_
  Tensor components_of(const Matrix& correlation, const Matrix& deviation) const;
  void regression();  // moments_
  void variances();   // squares_
  Matrix context(int64_t without) const;
  void take_known();  // adds what is known of earlier images to means_, sum_, square_
  void judge_folds();
  // By all images, or all but those of a fold.
  Tensor mean(int64_t without) const;
  Tensor weight(int64_t without) const;
  Tensor variance(int64_t without) const;
  void check_shape(const Tensor& local);
  int64_t positions() const { return s_.rows * s_.columns; }
  double images(int64_t without) const {
    return known_images() + static_cast<double>(input_.images) -
           (without == kNoFold ? 0 : static_cast<double>(images_[at(without)]));
  }
  double known_images() const { return static_cast<double>(input_.known ? input_.known_images : 0); }
  Tensor map_of(const Shape& shape, const Matrix& values) const;
  // A map of every position, as it is kept: h x h x C.
  Tensor kept(const Matrix& map, int64_t largest) const;

  const SurroundingsInput& input_;
  const SurroundingsOptions& o_;
  std::vector<int64_t> folds_;   // of every image
  std::vector<size_t> order_;    // of the images: fold by fold
  std::vector<int64_t> images_;  // in each fold
  int64_t channels_ = 0;
  Matrix sum_, square_;                // of x at every position; of x x^T over all positions
  Matrix whitener_;                    // C x C: W
  std::vector<Matrix> contexts_ = {};  // see context_sums()
  std::optional<KnownSurroundings> known_ = {};
  Surroundings s_;                      // of all images
  Shape mean_shape_, variance_shape_;   // of the kept maps
  FoldSums means_, moments_, squares_;  // of x and (V e)^2, as kept; of (y, c)
};

// The images fold by fold; their features are loaded several at once.
template <class Take, class End>
void Fit::each(Take&& take, End&& end_of_fold) {
  std::vector<Tensor> loaded(kInOrderSlots);
  in_order(
      input_.images, [&](size_t i, size_t slot) { loaded[slot] = input_.local(order_[i]); },
      [&](size_t i, size_t slot) {
        check_shape(loaded[slot]);
        take(loaded[slot]);
        loaded[slot] = {};
        const int64_t fold = folds_[order_[i]];
        if (i + 1 == input_.images || folds_[order_[i + 1]] != fold) end_of_fold(fold);
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

Tensor Fit::kept(const Matrix& values, int64_t largest) const {
  const double shrink = std::min(1.0, static_cast<double>(largest) / std::sqrt(static_cast<double>(positions())));
  const auto side = [&](int64_t n) { return std::max<int64_t>(1, std::llround(shrink * static_cast<double>(n))); };
  const int64_t height = side(s_.rows), width = side(s_.columns);
  const Tensor map = in_real({1, s_.rows, s_.columns, channels_}, values);
  return (shrink < 1 ? kernel::pool_area(map, height, width) : map).reshape({height, width, channels_});
}

void Fit::places() {
  Matrix sum;
  each(
      [&](const Tensor& local) {
        const Matrix x(local.data(), local.data() + local.size());
        add(sum, x);
        square_.resize(at(channels_ * channels_));
        kernel::add_second_moment(square_, x, local.dim(0), channels_);
      },
      [&](int64_t fold) {
        add(sum_, sum);
        const Tensor map = kept(sum, o_.largest_map);
        mean_shape_ = map.shape();
        means_.add_fold(fold, Matrix(map.data(), map.data() + map.size()));
        sum.assign(sum.size(), 0);
      });
  if (!std::ranges::all_of(square_, [](double v) { return std::isfinite(v); }))
    fail("surroundings: the features that it is fitted to are not finite; check the images and the weights");
}

// B: the principal components of what has this correlation, in units of these deviations.
Tensor Fit::components_of(const Matrix& correlation, const Matrix& deviation) const {
  const int64_t c = channels_;
  const kernel::Eigen eigen = kernel::eigen_symmetric(correlation, c);
  const int64_t components = std::min(o_.components, c);
  Matrix basis(at(components * c));
  for (int64_t k = 0; k < components; ++k) {
    const double value = eigen.values[at(k)];
    if (value <= kLeastEigenvalue * eigen.values[0] || value <= 0) break;  // the others stay 0
    for (int64_t i = 0; i < c; ++i)
      basis[at(k * c + i)] = eigen.vectors[at(k * c + i)] / deviation[at(i)] / std::sqrt(value);
  }
  return in_real({components, c}, basis);
}

// From the sums over all images: of every position, and of the products of all positions' channels.
void Fit::channels() {
  const int64_t c = channels_;
  const double rows = static_cast<double>(positions()) * images(kNoFold);
  Matrix mean(at(c)), correlation = square_, deviation(at(c));
  for (size_t i = 0; i < sum_.size(); ++i) mean[i % at(c)] += sum_[i] / rows;
  double mean_variance = 0;
  for (int64_t i = 0; i < c; ++i)
    for (int64_t j = 0; j < c; ++j) {
      double& v = correlation[at(i * c + j)];
      v = v / rows - mean[at(i)] * mean[at(j)];
      if (i == j) mean_variance += std::max(v, 0.0) / static_cast<double>(c);
    }
  const double least = mean_variance > 0 ? kLeastDeviation * std::sqrt(mean_variance) : 1;  // 1: any unit will do
  for (int64_t i = 0; i < c; ++i)
    deviation[at(i)] = std::max(std::sqrt(std::max(correlation[at(i * c + i)], 0.0)), least);
  for (int64_t i = 0; i < c * c; ++i) correlation[at(i)] /= deviation[at(i / c)] * deviation[at(i % c)];

  if (!input_.known) s_.basis = components_of(correlation, deviation);
  add_to_diagonal(correlation, c, o_.ridge);
  whitener_ = kernel::inverse_cholesky(correlation, c).inverse_lower;
  for (int64_t i = 0; i < c * c; ++i) whitener_[at(i)] /= deviation[at(i % c)];
}

void Fit::regression() {
  const int64_t n = channels_ + 8 * s_.basis.dim(0), cells = positions();
  std::vector<Matrix> parts(at(kParts), Matrix(at(n * n)));
  const int64_t block_rows = (cells + kParts - 1) / kParts;
  each(
      [&](const Tensor& local) {
        const Tensor rows = s_.deviations(local);
        parallel_for(cells, block_rows, [&](int64_t begin, int64_t end) {
          const Matrix x(rows.data() + begin * n, rows.data() + end * n);
          kernel::add_second_moment(parts[at(begin / block_rows)], x, end - begin, n);
        });
      },
      [&](int64_t fold) {
        Matrix sum;
        for (Matrix& part : parts) {
          add(sum, part);
          part.assign(part.size(), 0);
        }
        moments_.add_fold(fold, sum);
      });
  if (!known_) return;
  // Off the new m, the known places are off by what it has moved.
  const Tensor moved = s_.deviations(known_->places());
  Matrix square(at(n * n));
  kernel::add_second_moment(square, Matrix(moved.data(), moved.data() + moved.size()), cells, n);
  for (size_t i = 0; i < square.size(); ++i) moments_.total[i] += known_images() * square[i];
}

// M_cc of all images, or of all but those of a fold.
Matrix Fit::context(int64_t without) const {
  Matrix sum(contexts_.front().size());
  double count = static_cast<double>(input_.images);
  for (size_t s = 0; s < contexts_.size(); ++s) {
    if (without == kNoFold || s != at(without - kNoFold)) add(sum, contexts_[s]);
  }
  if (without != kNoFold) count -= static_cast<double>(images_[at(without)]);
  for (double& v : sum) v /= std::max(count - 1, 1.0) * static_cast<double>(positions());
  return sum;
}

void Fit::take_known() {
  const Surroundings& known = *input_.known;
  if (known.rows != s_.rows || known.columns != s_.columns || !(known.mean.shape() == mean_shape_))
    fail("surroundings: images of ", Shape{s_.rows, s_.columns}, " positions with ", channels_,
         " channels join others of ", Shape{known.rows, known.columns}, " with ", known.mean.dim(-1));
  s_.basis = known.basis;
  s_.nearest = known.nearest;
  s_.farthest = known.farthest;
  Matrix own = means_.total;  // of a single image, whose own means would leave nothing, the known ones
  for (double& v : own) v /= static_cast<double>(input_.images);
  s_.mean = input_.images > 1 ? map_of(mean_shape_, own) : known.mean;
  contexts_ = context_sums(input_, s_);
  known_.emplace(known, context(kNoFold), o_);
  const auto add_known = [&](Matrix& to, const auto& values) {
    for (size_t i = 0; i < to.size(); ++i) to[i] += known_images() * static_cast<double>(values[i]);
  };
  add_known(means_.total, known.mean.span());
  add_known(sum_, known_->places().span());
  add_known(square_, known_->square());
}

// With M the second moment of (y, c): G = M_cc + context_ridge I = L L^T, R = M_cy W^T, T^T = G^-1 R = L^-T U with
// U = L^-1 R; the second moment of e is W M_yy W^T - U^T U - context_ridge T T^T.
Tensor Fit::weight(int64_t without) const {
  using kernel::product;
  const int64_t c = channels_, k = 8 * s_.basis.dim(0), n = c + k;
  Matrix moment = moments_.without(without);
  if (known_) {
    const double rows = known_images() * static_cast<double>(positions());
    const Matrix earlier =
        without == kNoFold ? known_->moment() : KnownSurroundings(*input_.known, context(without), o_).moment();
    for (size_t i = 0; i < moment.size(); ++i) moment[i] += rows * earlier[i];
  }
  for (double& v : moment) v /= static_cast<double>(positions()) * images(without);
  Matrix g = block(moment, n, c, k, c, k);
  add_to_diagonal(g, k, o_.context_ridge);
  const Matrix inverse = kernel::inverse_cholesky(g, k).inverse_lower;
  const Matrix r = product(Trans::no, Trans::yes, block(moment, n, c, k, 0, c), whitener_, k, c, c);
  const Matrix u = product(Trans::no, Trans::no, inverse, r, k, k, c),
               t = product(Trans::yes, Trans::no, inverse, u, k, k, c);
  const Matrix turned = product(Trans::no, Trans::yes, block(moment, n, 0, c, 0, c), whitener_, c, c, c);
  Matrix rest = product(Trans::no, Trans::no, whitener_, turned, c, c, c);
  const Matrix explained = product(Trans::yes, Trans::no, u, u, c, k, c),
               penalty = product(Trans::yes, Trans::no, t, t, c, k, c);
  for (size_t i = 0; i < rest.size(); ++i) rest[i] -= explained[i] + o_.context_ridge * penalty[i];
  add_to_diagonal(rest, c, o_.residual_ridge);
  const Matrix v = kernel::inverse_cholesky(rest, c).inverse_lower;

  const Matrix own = product(Trans::no, Trans::no, v, whitener_, c, c, c),
               context = product(Trans::no, Trans::yes, v, t, c, c, k);
  Matrix joined(at(c * n));
  for (int64_t i = 0; i < c; ++i) {
    std::copy_n(own.data() + i * c, c, joined.data() + i * n);
    for (int64_t j = 0; j < k; ++j) joined[at(i * n + c + j)] = -context[at(i * k + j)];
  }
  return in_real({c, n}, joined);
}

void Fit::variances() {
  Matrix squares(at(positions() * channels_));
  each(
      [&](const Tensor& local) {
        const Tensor rest = s_.unexplained(local);
        for (size_t i = 0; i < squares.size(); ++i) {
          const auto e = static_cast<double>(rest.data()[i]);
          squares[i] += e * e;
        }
      },
      [&](int64_t fold) {
        const Tensor map = kept(squares, o_.largest_variance_map);
        variance_shape_ = map.shape();
        squares_.add_fold(fold, Matrix(map.data(), map.data() + map.size()));
        squares.assign(squares.size(), 0);
      });
  if (!known_) return;
  const Tensor moved = s_.unexplained(known_->places());
  for (int64_t i = 0; i < moved.size(); ++i) {
    const auto e = static_cast<double>(moved.data()[i]);
    squares[at(i)] = e * e;
  }
  const Tensor map = kept(squares, o_.largest_variance_map);
  const Matrix before = known_->squares(s_);
  for (size_t i = 0; i < before.size(); ++i)
    squares_.total[i] += known_images() * (before[i] + static_cast<double>(map.data()[i]));
}

// Rounded to half precision, where that is wanted.
Tensor Fit::map_of(const Shape& shape, const Matrix& values) const {
  Tensor map = in_real(shape, values);
  if (o_.half)
    for (real& v : map.span()) v = static_cast<real>(half_to_float(float_to_half(static_cast<float>(v))));
  return map;
}

Tensor Fit::mean(int64_t without) const {
  Matrix mean = means_.without(without);
  for (double& v : mean) v /= images(without);
  if (images(without) > 1) return map_of(mean_shape_, mean);
  const auto channels = at(channels_);  // a single image: the same at every position
  Matrix everywhere(channels);
  for (size_t i = 0; i < mean.size(); ++i)
    everywhere[i % channels] += mean[i] * static_cast<double>(channels_) / static_cast<double>(mean.size());
  for (size_t i = 0; i < mean.size(); ++i) mean[i] = everywhere[i % channels];
  return map_of(mean_shape_, mean);
}

Tensor Fit::variance(int64_t without) const {
  Matrix variance = squares_.without(without);
  for (double& v : variance) v = o_.shrink + (1 - o_.shrink) * std::max(v, 0.0) / images(without);
  return map_of(variance_shape_, variance);
}

void Fit::judge_folds() {
  const auto folds = static_cast<int64_t>(images_.size());
  if (folds == 0 || !input_.unseen) return;
  std::vector<Surroundings> without(images_.size(), s_);
  parallel_for(folds, 1, [&](int64_t fold, int64_t) {
    without[at(fold)].mean = mean(fold);
    without[at(fold)].weight = weight(fold);
    without[at(fold)].variance = variance(fold);
  });
  const auto judged = static_cast<size_t>(std::ranges::count_if(folds_, [](int64_t f) { return f != kNoFold; }));
  std::vector<Tensor> distances(kInOrderSlots);
  in_order(
      judged,
      [&](size_t i, size_t slot) {
        distances[slot] = without[at(folds_[order_[i]])].distance(input_.local(order_[i]));
      },
      [&](size_t i, size_t slot) {
        input_.unseen(order_[i], distances[slot]);
        input_.progress();
      });
}

Surroundings Fit::run() {
  if (input_.images == 0) fail("surroundings: no images to fit");
  s_.rows = input_.rows;
  s_.columns = input_.columns;
  s_.nearest = o_.nearest;
  s_.farthest = o_.farthest;
  places();
  if (input_.known) take_known();
  channels();
  s_.mean = mean(kNoFold);
  regression();
  s_.weight = weight(kNoFold);
  variances();
  s_.variance = variance(kNoFold);
  judge_folds();
  return s_;
}

}  // namespace

Surroundings fit_surroundings(const SurroundingsInput& input) {
  return Fit(input).run();
}

}  // namespace iuf
