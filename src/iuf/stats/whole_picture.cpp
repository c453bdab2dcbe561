#include "iuf/stats/whole_picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "iuf/stats/ledoit_wolf.h"
#include "iuf/stats/novelty.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// Of a channel over an image: a constant one has no logarithm of its deviation.
constexpr double kLeastSpread = 1e-3;
// Of a dimension over the images. Means and logarithms of real photographs of one product differ by more.
constexpr double kLeastDeviation = 1e-2;
// Beside a covariance with deviations of 1.
constexpr double kRidge = 1e-3;

}  // namespace

Tensor composition(const Tensor& local, int64_t channels) {
  const int64_t all = local.dim(1);
  if (channels < 1 || channels > all) fail("composition: ", channels, " channels of features ", local.shape());
  const Tensor moments = channel_moments(local);
  Tensor composed({1, 2 * channels});
  for (int64_t i = 0; i < channels; ++i) {
    const double spread = static_cast<double>(moments.data()[2 * all - channels + i]);
    composed.data()[i] = moments.data()[all - channels + i];
    composed.data()[channels + i] =
        static_cast<real>(std::isfinite(spread) ? std::log(std::max(spread, kLeastSpread)) : spread);
  }
  return composed;
}

WholePictureFit::WholePictureFit(Tensor compositions, std::vector<int64_t> folds, const Gaussian* known,
                                 int64_t known_images)
    : rows_(std::move(compositions)), folds_(std::move(folds)) {
  folds_.resize(static_cast<size_t>(rows_.dim(0)), kNoFold);
  if (known)
    known_ = {static_cast<double>(known_images),
              {known->mean.data(), known->mean.data() + known->mean.size()},
              known->covariance()};
}

WholePictureFit::Moments WholePictureFit::moments_of(const Tensor& rows) {
  const int64_t n = rows.dim(0);
  const auto d = static_cast<size_t>(rows.dim(1));
  const Tensor both = channel_moments(rows);
  std::vector<double> mean(both.data(), both.data() + d), deviation(both.data() + d, both.data() + 2 * d);
  for (double& v : deviation) v = std::max(v, kLeastDeviation);
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

WholePictureFit::Moments WholePictureFit::joined(const Moments& a, const Moments& b) {
  const double images = a.images + b.images, of_a = a.images / images, of_b = b.images / images;
  const size_t d = a.mean.size();
  Moments all{images, std::vector<double>(d), std::vector<double>(d * d)};
  for (size_t i = 0; i < d; ++i) all.mean[i] = of_a * a.mean[i] + of_b * b.mean[i];
  for (size_t i = 0; i < d * d; ++i)
    all.covariance[i] = of_a * a.covariance[i] + of_b * b.covariance[i] +
                        of_a * of_b * (a.mean[i / d] - b.mean[i / d]) * (a.mean[i % d] - b.mean[i % d]);
  return all;
}

Gaussian WholePictureFit::finish(int64_t without) const {
  const int64_t dimensions = rows_.dim(1);
  std::vector<real> kept;
  for (int64_t r = 0; r < rows_.dim(0); ++r)
    if (without == kNoFold || folds_[static_cast<size_t>(r)] != without)
      kept.insert(kept.end(), rows_.data() + r * dimensions, rows_.data() + (r + 1) * dimensions);
  const auto rows = static_cast<int64_t>(kept.size()) / dimensions;
  std::optional<Moments> moments = known_;
  if (rows) {
    Tensor own({rows, dimensions});
    std::ranges::copy(kept, own.data());
    moments = known_ ? joined(*known_, moments_of(own)) : moments_of(own);
  }
  if (!moments) fail("whole picture: no images to fit");
  return Gaussian::of(moments->mean, moments->covariance);
}

}  // namespace iuf
