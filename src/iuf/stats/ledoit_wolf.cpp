#include "iuf/stats/ledoit_wolf.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/random.h"

namespace iuf {

ShrunkGaussian ledoit_wolf(const Tensor& rows) {
  if (rows.rank() != 2 || rows.dim(0) < 1) fail("ledoit_wolf: needs rows n x C with n >= 1, not ", rows.shape());
  const int64_t n = rows.dim(0), channels = rows.dim(1);
  const auto c = static_cast<size_t>(channels);
  const auto count = static_cast<double>(n), width = static_cast<double>(channels);
  std::vector<double> mean(c), covariance(c * c), x(rows.data(), rows.data() + rows.size());
  for (size_t i = 0; i < x.size(); ++i) mean[i % c] += x[i] / count;
  for (size_t i = 0; i < x.size(); ++i) x[i] -= mean[i % c];
  kernel::add_second_moment(covariance, x, n, channels);
  for (double& v : covariance) v /= count;

  // With S the empirical covariance and m = trace(S) / C: delta = |S - m I|^2 / C is how far S lies from the identity,
  // beta how much of that is noise, the mean over the rows of |x x^T - S|^2 / (C n).
  double trace = 0, square = 0, fourth = 0;
  for (size_t i = 0; i < c; ++i) trace += covariance[i * c + i];
  for (double v : covariance) square += v * v;
  for (size_t r = 0; r < x.size(); r += c) {
    double norm = 0;
    for (size_t i = r; i < r + c; ++i) norm += x[i] * x[i];
    fourth += norm * norm / count;
  }
  const double m = trace / width, delta = square / width - m * m;
  const double beta = std::min((fourth - square) / (width * count), delta);
  const double shrinkage = beta > 0 ? beta / delta : 0;
  for (size_t i = 0; i < c * c; ++i)
    covariance[i] = (1 - shrinkage) * covariance[i] + (i % (c + 1) == 0 ? shrinkage * m : 0);
  const auto to_real = [](const std::vector<double>& from, const Shape& shape) {
    Tensor to(shape);
    std::transform(from.begin(), from.end(), to.data(), [](double v) { return static_cast<real>(v); });
    return to;
  };
  return {to_real(mean, {channels}), to_real(covariance, {channels, channels}), shrinkage};
}

Tensor ShrunkGaussian::sample(int64_t count, uint64_t stream) const {
  const int64_t channels = mean.size();
  const auto c = static_cast<size_t>(channels);
  const kernel::Eigen eigen =
      kernel::eigen_symmetric({covariance.data(), covariance.data() + covariance.size()}, channels);
  Tensor normal({count, channels}), rows({count, channels});
  fill_normal(normal, 0, 1, stream);
  for (size_t r = 0; r < static_cast<size_t>(count); ++r) {
    std::vector<double> row(mean.data(), mean.data() + c);
    for (size_t k = 0; k < c; ++k) {
      const double along = std::sqrt(std::max(eigen.values[k], 0.0)) * static_cast<double>(normal.data()[r * c + k]);
      for (size_t i = 0; i < c; ++i) row[i] += along * eigen.vectors[k * c + i];
    }
    std::transform(row.begin(), row.end(), rows.data() + r * c, [](double v) { return static_cast<real>(v); });
  }
  return rows;
}

}  // namespace iuf
