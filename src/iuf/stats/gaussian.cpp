#include "iuf/stats/gaussian.h"

#include <algorithm>
#include <cmath>

#include "tensor/blas.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/row_kernels.h"

namespace iuf {
namespace {

Tensor in_real(const Shape& shape, const std::vector<double>& values) {
  Tensor t(shape);
  std::transform(values.begin(), values.end(), t.data(), [](double v) { return static_cast<real>(v); });
  return t;
}

}  // namespace

Gaussian Gaussian::of(const std::vector<double>& mean, const std::vector<double>& covariance) {
  const auto channels = static_cast<int64_t>(mean.size());
  const kernel::InverseCholesky inverse = kernel::inverse_cholesky(covariance, channels);
  Gaussian g{in_real({channels}, mean), in_real({channels, channels}, inverse.inverse_lower),
             static_cast<real>(inverse.log_det)};
  if (!kernel::all_finite(g.mean) || !kernel::all_finite(g.whitener) || !std::isfinite(g.log_det))
    fail("gaussian: the features that it is fitted to are not finite; check the images and the weights");
  return g;
}

std::vector<double> Gaussian::covariance() const {
  const int64_t c = mean.size();
  const std::vector<double> lower = kernel::inverse_triangle({whitener.data(), whitener.data() + whitener.size()}, c);
  return kernel::product(Trans::no, Trans::yes, lower, lower, c, c, c);
}

Tensor Gaussian::squared_distance(const Tensor& tokens) const {
  const int64_t c = mean.size(), rows = c ? tokens.size() / c : 0;
  if (tokens.dim(-1) != c) fail("gaussian: tokens ", tokens.shape(), " for ", c, " channels");
  const Tensor centred = kernel::sub(tokens, mean);
  Tensor whitened({rows, c}), distance({rows});
  parallel_for(rows, 256, [&](int64_t b, int64_t e) {
    kernel::gemm(Trans::no, Trans::yes, e - b, c, c, 1, centred.data() + b * c, c, whitener.data(), c, 0,
                 whitened.data() + b * c, c);
    for (int64_t r = b; r < e; ++r) distance.data()[r] = kernel::squared_norm(whitened.data() + r * c, c);
  });
  return distance;
}

Tensor Gaussian::distance(const Tensor& tokens) const {
  Tensor d = squared_distance(tokens);
  for (real& v : d.span()) v = std::sqrt(v);
  return d;
}

double Gaussian::median_log_likelihood(const Tensor& tokens) const {
  Tensor d = squared_distance(tokens);
  if (!kernel::all_finite(d)) return NAN;
  real* middle = d.data() + d.size() / 2;
  std::nth_element(d.data(), middle, d.data() + d.size());
  return -0.5 * (static_cast<double>(*middle) + static_cast<double>(log_det));
}

std::tuple<int64_t, double, std::optional<int64_t>> most_likely(const std::vector<double>& log_likelihoods,
                                                                std::optional<int64_t> expected) {
  if (log_likelihoods.empty()) fail("most_likely: nothing to choose from");
  for (size_t i = 0; i < log_likelihoods.size(); ++i)
    if (!std::isfinite(log_likelihoods[i]))
      fail("how well object number ", i, " fits is not a finite number; the image or the model is damaged");
  const auto best = std::max_element(log_likelihoods.begin(), log_likelihoods.end());
  double total = 0;
  for (double l : log_likelihoods) total += std::exp(l - *best);
  const int64_t index = best - log_likelihoods.begin();
  if (!expected || *expected == index) return {index, 1 / total, std::nullopt};
  return {*expected, std::exp(log_likelihoods.at(static_cast<size_t>(*expected)) - *best) / total, index};
}

void Gaussian::save(SafetensorsWriter& writer, const std::string& prefix) const {
  writer.add(prefix + "mean", mean);
  writer.add(prefix + "whitener", whitener);
  writer.add(prefix + "log_det", Tensor::scalar(log_det));
}

Gaussian Gaussian::load(const TensorFile& file, const std::string& prefix) {
  Gaussian g{file.tensor(prefix + "mean"), file.tensor(prefix + "whitener"), file.tensor(prefix + "log_det").item()};
  const int64_t c = g.mean.size();
  if (g.mean.rank() != 1 || !(g.whitener.shape() == Shape{c, c}))
    fail(file.path(), ": '", prefix, "' holds a mean ", g.mean.shape(), " and a whitener ", g.whitener.shape(),
         " that do not fit");
  return g;
}

void GaussianFit::add(const Tensor& tokens, int64_t fold) {
  if (tokens.dim(-1) != channels_) fail("gaussian: tokens ", tokens.shape(), " for ", channels_, " channels");
  const auto place = static_cast<size_t>(fold - kNoFold), channels = static_cast<size_t>(channels_);
  if (place >= sums_.size()) sums_.resize(place + 1);
  Sums& own = sums_[place];
  own.sum.resize(channels);
  own.moment.resize(channels * channels);
  const std::vector<double> x(tokens.data(), tokens.data() + tokens.size());
  const int64_t rows = tokens.size() / channels_;
  for (auto row = x.begin(); row != x.end(); row += channels_)
    for (size_t c = 0; c < channels; ++c) own.sum[c] += row[static_cast<std::ptrdiff_t>(c)];
  kernel::add_second_moment(own.moment, x, rows, channels_);
  own.rows += rows;
}

// S is the covariance and ridge I.
void GaussianFit::add(const Gaussian& known, int64_t rows, double ridge) {
  if (known.mean.size() != channels_) fail("gaussian: a mean ", known.mean.shape(), " for ", channels_, " channels");
  const auto channels = static_cast<size_t>(channels_);
  const std::vector<double> mean(known.mean.data(), known.mean.data() + channels_);
  const std::vector<double> covariance = known.covariance();
  Sums& own = sums_.front();
  own.sum.resize(channels);
  own.moment.resize(channels * channels);
  const auto n = static_cast<double>(rows);
  for (size_t i = 0; i < channels; ++i) {
    own.sum[i] += n * mean[i];
    for (size_t j = 0; j < channels; ++j)
      own.moment[i * channels + j] += n * (covariance[i * channels + j] + mean[i] * mean[j] - (i == j ? ridge : 0));
  }
  own.rows += rows;
}

Gaussian GaussianFit::finish(double ridge, int64_t without) const {
  const auto channels = static_cast<size_t>(channels_);
  double rows = 0;
  std::vector<double> mean(channels), covariance(channels * channels);
  for (size_t s = 0; s < sums_.size(); ++s) {
    if (sums_[s].rows == 0 || (without != kNoFold && s == static_cast<size_t>(without - kNoFold))) continue;
    rows += static_cast<double>(sums_[s].rows);
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += sums_[s].sum[i];
    for (size_t i = 0; i < covariance.size(); ++i) covariance[i] += sums_[s].moment[i];
  }
  if (rows == 0) fail("gaussian: no rows to fit");
  for (double& v : mean) v /= rows;
  for (size_t i = 0; i < covariance.size(); ++i) {
    const size_t row = i / channels, column = i % channels;
    covariance[i] = covariance[i] / rows - mean[row] * mean[column] + (row == column ? ridge : 0);
  }
  return Gaussian::of(mean, covariance);
}

}  // namespace iuf
