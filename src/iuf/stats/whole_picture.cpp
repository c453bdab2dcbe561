#include "iuf/stats/whole_picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "iuf/stats/ledoit_wolf.h"
#include "tensor/blas.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// Of a channel over an image: a constant one has no logarithm of its deviation.
constexpr double kLeastSpread = 1e-3;
// Of a dimension over the images. Means and logarithms of real photographs of one product differ by more.
constexpr double kLeastDeviation = 1e-2;
// Beside a covariance with deviations of 1.
constexpr double kRidge = 1e-3;

// Mean and covariance of a normal distribution that was fitted to so many images.
struct Moments {
  double images = 0;
  std::vector<double> mean, covariance;
};

Moments moments_of(const Tensor& rows) {
  const int64_t n = rows.dim(0), dimensions = rows.dim(1);
  const auto d = static_cast<size_t>(dimensions);
  std::vector<double> mean(d), deviation(d);
  for (size_t i = 0; i < static_cast<size_t>(rows.size()); ++i)
    mean[i % d] += static_cast<double>(rows.data()[i]) / static_cast<double>(n);
  for (size_t i = 0; i < static_cast<size_t>(rows.size()); ++i)
    deviation[i % d] += std::pow(static_cast<double>(rows.data()[i]) - mean[i % d], 2) / static_cast<double>(n);
  for (double& v : deviation) v = std::max(std::sqrt(v), kLeastDeviation);
  Tensor scaled(rows.shape());
  for (size_t i = 0; i < static_cast<size_t>(rows.size()); ++i)
    scaled.data()[i] = static_cast<real>((static_cast<double>(rows.data()[i]) - mean[i % d]) / deviation[i % d]);
  const Tensor shrunk = ledoit_wolf(scaled).covariance;
  std::vector<double> covariance(shrunk.data(), shrunk.data() + shrunk.size());
  for (size_t i = 0; i < covariance.size(); ++i) {
    const size_t row = i / d, column = i % d;
    if (row == column) covariance[i] = n == 1 ? 1 : covariance[i] + kRidge;
    covariance[i] *= deviation[row] * deviation[column];
  }
  return {static_cast<double>(n), std::move(mean), std::move(covariance)};
}

Moments moments_of(const Gaussian& known, int64_t images) {
  const int64_t d = known.mean.size();
  const std::vector<double> lower =
      kernel::inverse_triangle({known.whitener.data(), known.whitener.data() + known.whitener.size()}, d);
  return {static_cast<double>(images),
          {known.mean.data(), known.mean.data() + d},
          kernel::product(Trans::no, Trans::yes, lower, lower, d, d, d)};
}

Moments joined(const Moments& a, const Moments& b) {
  const double images = a.images + b.images, of_a = a.images / images, of_b = b.images / images;
  const size_t d = a.mean.size();
  Moments all{images, std::vector<double>(d), std::vector<double>(d * d)};
  for (size_t i = 0; i < d; ++i) all.mean[i] = of_a * a.mean[i] + of_b * b.mean[i];
  for (size_t i = 0; i < d * d; ++i)
    all.covariance[i] = of_a * a.covariance[i] + of_b * b.covariance[i] +
                        of_a * of_b * (a.mean[i / d] - b.mean[i / d]) * (a.mean[i % d] - b.mean[i % d]);
  return all;
}

}  // namespace

Tensor composition(const Tensor& local, int64_t channels) {
  const int64_t positions = local.dim(0), all = local.dim(1);
  if (channels < 1 || channels > all) fail("composition: ", channels, " channels of features ", local.shape());
  const auto c = static_cast<size_t>(channels);
  std::vector<double> sum(c), squares(c);
  for (int64_t p = 0; p < positions; ++p) {
    const real* row = local.data() + p * all + (all - channels);
    for (size_t i = 0; i < c; ++i) {
      const double v = static_cast<double>(row[i]);
      sum[i] += v;
      squares[i] += v * v;
    }
  }
  Tensor composed({1, 2 * channels});
  const auto n = static_cast<double>(positions);
  for (size_t i = 0; i < c; ++i) {
    const double mean = sum[i] / n, spread = std::sqrt(std::max(squares[i] / n - mean * mean, 0.0));
    composed.data()[i] = static_cast<real>(mean);
    composed.data()[c + i] =
        static_cast<real>(std::isfinite(spread) ? std::log(std::max(spread, kLeastSpread)) : spread);
  }
  return composed;
}

WholePictureFit::WholePictureFit(Tensor compositions, std::vector<int64_t> folds)
    : rows_(std::move(compositions)), folds_(std::move(folds)) {
  folds_.resize(static_cast<size_t>(rows_.dim(0)), kNoFold);
}

Gaussian WholePictureFit::finish(int64_t without, const Gaussian* known, int64_t known_images) const {
  const int64_t dimensions = rows_.dim(1);
  std::vector<real> kept;
  for (int64_t r = 0; r < rows_.dim(0); ++r)
    if (without == kNoFold || folds_[static_cast<size_t>(r)] != without)
      kept.insert(kept.end(), rows_.data() + r * dimensions, rows_.data() + (r + 1) * dimensions);
  const auto rows = static_cast<int64_t>(kept.size()) / dimensions;
  std::optional<Moments> moments;
  if (rows) {
    Tensor own({rows, dimensions});
    std::ranges::copy(kept, own.data());
    moments = moments_of(own);
  }
  if (known) moments = moments ? joined(moments_of(*known, known_images), *moments) : moments_of(*known, known_images);
  if (!moments) fail("whole picture: no images to fit");
  return Gaussian::of(moments->mean, moments->covariance);
}

}  // namespace iuf
