#include "iuf/paper/anomaly_map.h"

#include <algorithm>
#include <cmath>

#include "tensor/error.h"
#include "tensor/reduce.h"
#include "tensor/resize.h"

namespace iuf {

Tensor anomaly_map(const Tensor& scores, int64_t size, double sigma) {
  const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(scores.size()))));
  const bool grid = scores.rank() == 2;
  const Shape shape{1, grid ? scores.dim(0) : side, grid ? scores.dim(1) : side, 1};
  Tensor map =
      kernel::resize_bilinear(scores.reshape(shape), size, size, kernel::Align::corners).reshape({1, size, size});
  if (sigma > 0) map = kernel::gaussian_blur(map, static_cast<real>(sigma));
  return map.reshape({size, size});
}

ScoreScale ScoreScale::stored(double mean, double deviation, const std::string& file) {
  if (!std::isfinite(mean) || !std::isfinite(deviation) || deviation <= 0)
    fail(file, ": damaged model: scores of mean ", mean, " and deviation ", deviation, " are no scale");
  return {mean, deviation};
}

Tensor ScoreScale::operator()(const Tensor& scores) const {
  Tensor scaled = scores.clone();
  for (real& v : scaled.span()) v = (v - static_cast<real>(mean)) / static_cast<real>(deviation);
  return scaled;
}

void ScoreScaleFit::add(const Tensor& scores) {
  for (real v : scores.span()) {
    sum_ += static_cast<double>(v);
    squares_ += static_cast<double>(v) * static_cast<double>(v);
  }
  count_ += static_cast<double>(scores.size());
}

ScoreScale ScoreScaleFit::finish() const {
  const double mean = sum_ / count_;
  if (!std::isfinite(mean) || !std::isfinite(squares_))
    fail("the distances of normal images are not finite numbers; check the images and the weights");
  return {mean, std::max(std::sqrt(std::max(squares_ / count_ - mean * mean, 0.0)), 1e-6)};
}

double image_score(const Tensor& map, Pooling pooling) {
  const auto values = map.span();
  const auto n = static_cast<double>(map.size());
  switch (pooling) {
    case Pooling::max_pool16: {
      const Tensor pooled = kernel::average_pool(map.reshape({1, map.dim(0), map.dim(1), 1}), 16, 16, 0);
      return static_cast<double>(*std::max_element(pooled.data(), pooled.data() + pooled.size()));
    }
    case Pooling::max:
      return static_cast<double>(*std::max_element(values.begin(), values.end()));
    case Pooling::mean:
      return kernel::sum(map) / n;
    case Pooling::deviation: {
      const double mean = kernel::sum(map) / n;
      double squares = 0;
      for (real v : values) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
      return std::sqrt(squares / (n - 1));  // as torch.std
    }
  }
  return 0;
}

}  // namespace iuf
