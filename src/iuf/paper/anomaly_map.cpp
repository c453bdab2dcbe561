#include "iuf/paper/anomaly_map.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

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

namespace {

// The largest mean over what is not ignored of the patches that average_pool() has.
double largest_patch(const Tensor& map, const IgnoredRegion& ignored) {
  constexpr int64_t kPatch = 16;
  const int64_t side = map.dim(0);
  std::optional<double> whole, any;  // at least half, anything not ignored
  for (int64_t top = 0; top + kPatch <= side; top += kPatch)
    for (int64_t left = 0; left + kPatch <= side; left += kPatch) {
      double sum = 0;
      int64_t count = 0;
      for (int64_t y = top; y < top + kPatch; ++y)
        for (int64_t x = left; x < left + kPatch; ++x)
          if (const int64_t pixel = y * side + x; !ignored.holds(pixel)) {
            sum += static_cast<double>(map.data()[pixel]);
            ++count;
          }
      if (count == 0) continue;
      const double mean = sum / static_cast<double>(count);
      any = std::max(any.value_or(mean), mean);
      if (2 * count >= kPatch * kPatch) whole = std::max(whole.value_or(mean), mean);
    }
  return whole ? *whole : any.value_or(0);
}

}  // namespace

double image_score(const Tensor& map, Pooling pooling, const IgnoredRegion& ignored) {
  if (pooling == Pooling::max_pool16) return largest_patch(map, ignored);
  std::vector<real> kept;
  for (int64_t pixel = 0; pixel < map.size(); ++pixel)
    if (!ignored.holds(pixel)) kept.push_back(map.data()[pixel]);
  Tensor values({static_cast<int64_t>(kept.size())});
  std::ranges::copy(kept, values.data());
  return image_score(values, pooling);
}

}  // namespace iuf
