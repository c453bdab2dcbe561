#include "iuf/stats/novelty.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "iuf/stats/threshold.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr size_t kFolds = 10;
// A channel that hardly varies is compared by the others' deviation; an image without any variation has a logarithm.
constexpr double kScaleFloor = 0.1, kLogFloor = 0.02;
// How far images may differ, in deviations over positions, however alike the normal ones are: those of one sitting do
// not show how light, focus and compression will vary.
constexpr double kDeviationFloor = 0.1;
constexpr double kPooledImages = 5;  // the weight of the mean variance
// Distances of normal images spread by about a fifth; with few images that counts as much as theirs.
constexpr double kUsualSpread = 0.2;
constexpr int64_t kUsualSpreadImages = 8;
constexpr double kLimitQuantile = 0.999, kOverLargest = 1.3;
// Outliers among normal images.
constexpr double kCoreShare = 0.6, kOverMedian = 3.5;
constexpr size_t kRounds = 10, kLeastCore = 3;             // a variance without one of the images needs two others
constexpr double kLeastDistance = 0.5, kLeastLimit = 1.5;  // images that are alike beyond what the floors can tell

Tensor in_real(const std::vector<double>& values) {
  Tensor t({static_cast<int64_t>(values.size())});
  std::transform(values.begin(), values.end(), t.data(), [](double v) { return static_cast<real>(v); });
  return t;
}

// What is compared: 2 C values.
std::vector<double> description(const Tensor& moments, const Tensor& scale) {
  const auto channels = static_cast<size_t>(scale.size());
  std::vector<double> x(2 * channels);
  for (size_t c = 0; c < channels; ++c) {
    const auto s = static_cast<double>(scale.data()[c]);
    x[c] = static_cast<double>(moments.data()[c]) / s;
    x[channels + c] = std::log(static_cast<double>(moments.data()[channels + c]) / s + kLogFloor);
  }
  return x;
}

// The deviation of every channel over all positions of all these images.
Tensor scale_of(const std::vector<const Tensor*>& images, size_t channels) {
  const auto n = static_cast<double>(images.size());
  std::vector<double> variance(channels);
  double mean_variance = 0;
  for (size_t c = 0; c < channels; ++c) {
    double sum = 0, square = 0;
    for (const Tensor* image : images) {
      const auto m = static_cast<double>(image->data()[c]), d = static_cast<double>(image->data()[channels + c]);
      sum += m;
      square += m * m + d * d;
    }
    variance[c] = std::max(square / n - sum / n * (sum / n), 0.0);
    mean_variance += variance[c] / static_cast<double>(channels);
  }
  // Without any variation every unit will do.
  const double least = std::max(kScaleFloor * kScaleFloor * mean_variance, std::numeric_limits<float>::min() * 1e6);
  for (double& v : variance) v = std::sqrt(v + least);
  return in_real(variance);
}

void require_finite(const std::vector<Tensor>& images) {
  for (const Tensor& image : images) {
    if (image.size() != images.front().size() || image.size() % 2 != 0)
      fail("novelty: channel moments ", image.shape(), " beside ", images.front().shape());
    for (const real v : image.span())
      if (!std::isfinite(v)) fail("novelty: a feature of a normal image is not finite");
  }
}

}  // namespace

Tensor channel_moments(const Tensor& tokens) {
  if (tokens.rank() != 2 || tokens.dim(0) < 1) fail("channel_moments: needs tokens T x C, not ", tokens.shape());
  const auto rows = static_cast<size_t>(tokens.dim(0)), channels = static_cast<size_t>(tokens.dim(1));
  const auto n = static_cast<double>(rows);
  std::vector<double> moments(2 * channels);
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < channels; ++c) moments[c] += static_cast<double>(tokens.data()[r * channels + c]);
  for (size_t c = 0; c < channels; ++c) moments[c] /= n;
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < channels; ++c) {
      const double d = static_cast<double>(tokens.data()[r * channels + c]) - moments[c];
      moments[channels + c] += d * d;
    }
  for (size_t c = channels; c < 2 * channels; ++c) moments[c] = std::sqrt(moments[c] / n);
  return in_real(moments);
}

NoveltyDetector::Spread NoveltyDetector::spread_of(const std::vector<const Tensor*>& images, const Tensor& scale) {
  const auto size = static_cast<size_t>(2 * scale.size());
  const auto n = static_cast<double>(images.size());
  std::vector<std::vector<double>> x;
  for (const Tensor* image : images) x.push_back(description(*image, scale));
  Spread spread{.images = n, .mean = std::vector<double>(size), .variance = std::vector<double>(size)};
  for (size_t k = 0; k < size; ++k) {
    for (const auto& row : x) spread.mean[k] += row[k] / n;
    for (const auto& row : x)
      spread.variance[k] += (row[k] - spread.mean[k]) * (row[k] - spread.mean[k]) / std::max(n - 1, 1.0);
  }
  return spread;
}

NoveltyDetector NoveltyDetector::of(const Spread& spread, const Tensor& scale) {
  const size_t size = spread.mean.size(), channels = size / 2;
  const double n = spread.images;
  std::vector<double> deviation(size);
  double pooled[2] = {0, 0};
  for (size_t k = 0; k < size; ++k) pooled[k / channels] += spread.variance[k] / static_cast<double>(channels);
  // The mean of n images is itself uncertain: 1 / n more.
  for (size_t k = 0; k < size; ++k) {
    const double v = ((n - 1) * spread.variance[k] + kPooledImages * pooled[k / channels]) / (n - 1 + kPooledImages);
    deviation[k] = std::sqrt((1 + 1 / n) * v + kDeviationFloor * kDeviationFloor);
  }
  NoveltyDetector result;
  result.scale_ = scale;
  result.mean_ = in_real(spread.mean);
  result.deviation_ = in_real(deviation);
  return result;
}

NoveltyDetector NoveltyDetector::statistics(const std::vector<Tensor>& images, size_t folds, size_t left_out) {
  std::vector<const Tensor*> own;
  for (size_t i = 0; i < images.size(); ++i)
    if (i % folds != left_out) own.push_back(&images[i]);
  const Tensor scale = scale_of(own, static_cast<size_t>(images.front().size()) / 2);
  return of(spread_of(own, scale), scale);
}

// Pooling keeps the mean variance of each kind, so that it can be undone.
NoveltyDetector::Spread NoveltyDetector::spread(size_t count) const {
  const auto size = static_cast<size_t>(mean_.size()), channels = size / 2;
  const auto n = static_cast<double>(count);
  Spread known{.images = n, .mean = std::vector<double>(size), .variance = std::vector<double>(size)};
  double pooled[2] = {0, 0};
  for (size_t k = 0; k < size; ++k) {
    const auto d = static_cast<double>(deviation_.data()[k]);
    known.mean[k] = static_cast<double>(mean_.data()[k]);
    known.variance[k] = std::max(d * d - kDeviationFloor * kDeviationFloor, 0.0) / (1 + 1 / n);
    pooled[k / channels] += known.variance[k] / static_cast<double>(channels);
  }
  for (size_t k = 0; k < size; ++k)
    known.variance[k] = std::max(
        ((n - 1 + kPooledImages) * known.variance[k] - kPooledImages * pooled[k / channels]) / std::max(n - 1, 1.0),
        0.0);
  return known;
}

NoveltyDetector::Spread NoveltyDetector::joined(const Spread& a, const Spread& b) {
  Spread both = a;
  both.images = a.images + b.images;
  for (size_t k = 0; k < a.mean.size(); ++k) {
    const double gap = b.mean[k] - a.mean[k];
    both.mean[k] += gap * b.images / both.images;
    both.variance[k] = ((a.images - 1) * a.variance[k] + (b.images - 1) * b.variance[k] +
                        gap * gap * a.images * b.images / both.images) /
                       std::max(both.images - 1, 1.0);
  }
  return both;
}

NoveltyDetector NoveltyDetector::extended(const NoveltyDetector& known, size_t count,
                                          const std::vector<Tensor>& images) {
  require_finite(images);
  const Spread before = known.spread(count);
  const size_t folds = std::min(kFolds, images.size());
  const auto without = [&](size_t fold) {
    std::vector<const Tensor*> others;
    for (size_t i = 0; i < images.size(); ++i)
      if (i % folds != fold) others.push_back(&images[i]);
    return of(others.empty() ? before : joined(before, spread_of(others, known.scale_)), known.scale_);
  };
  std::vector<double> distances(images.size());
  for (size_t fold = 0; fold < folds; ++fold) {
    const NoveltyDetector others = without(fold);
    for (size_t i = fold; i < images.size(); i += folds) distances[i] = others.distance(images[i]);
  }
  NoveltyDetector all = without(folds);
  all.limit_ = std::max(known.limit_, static_cast<real>(limit_of(distances)));
  return all;
}

double NoveltyDetector::limit_of(const std::vector<double>& distances) {
  const auto n = static_cast<double>(distances.size());
  double mean = 0, square = 0, largest = 0;
  std::vector<double> logs;
  for (const double d : distances) {
    logs.push_back(std::log(std::max(d, kLeastDistance)));
    mean += logs.back() / n;
    largest = std::max(largest, d);
  }
  for (const double l : logs) square += (l - mean) * (l - mean);
  const auto degrees = static_cast<int64_t>(distances.size()) - 1 + kUsualSpreadImages;
  const double deviation =
      std::sqrt((square + kUsualSpreadImages * kUsualSpread * kUsualSpread) / static_cast<double>(degrees));
  const double next = std::exp(mean + student_quantile(kLimitQuantile, degrees) * deviation * std::sqrt(1 + 1 / n));
  return std::max({next, kOverLargest * largest, kLeastLimit});
}

std::vector<double> NoveltyDetector::distances_to_others(const std::vector<Tensor>& images,
                                                         const std::vector<char>& inside) {
  std::vector<Tensor> own;
  for (size_t i = 0; i < images.size(); ++i)
    if (inside[i]) own.push_back(images[i]);
  const size_t folds = std::min(kFolds, own.size());
  std::vector<double> own_distances(own.size()), distances;
  for (size_t fold = 0; fold < folds; ++fold) {
    const NoveltyDetector others = statistics(own, folds, fold);
    for (size_t i = fold; i < own.size(); i += folds) own_distances[i] = others.distance(own[i]);
  }
  std::optional<NoveltyDetector> all;
  size_t next = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    if (!inside[i] && !all) all = statistics(own, folds, folds);
    distances.push_back(inside[i] ? own_distances[next++] : all->distance(images[i]));
  }
  return distances;
}

Outliers NoveltyDetector::outliers(const std::vector<Tensor>& images) {
  require_finite(images);
  Outliers result;
  const size_t n = images.size();
  if (n < kLeastImages) return result;
  std::vector<char> inside(n, 1);
  std::vector<double> distances = distances_to_others(images, inside);
  std::vector<double> sorted = distances;
  std::ranges::sort(sorted);
  double limit = sorted[std::max(kLeastCore, static_cast<size_t>(std::ceil(kCoreShare * static_cast<double>(n)))) - 1];
  for (size_t round = 0; round < kRounds; ++round) {
    std::vector<char> now(n);
    for (size_t i = 0; i < n; ++i) now[i] = distances[i] <= limit;
    if (round > 0 && (now == inside || std::ranges::count(now, 1) < static_cast<std::ptrdiff_t>(kLeastCore))) break;
    inside = now;
    distances = distances_to_others(images, inside);
    std::vector<double> usual;
    for (size_t i = 0; i < n; ++i)
      if (inside[i]) usual.push_back(distances[i]);
    limit = std::max(kOverMedian * quantile(usual, 0.5), kLeastLimit);
  }
  for (size_t i = 0; i < n; ++i) {
    if (distances[i] > limit) {
      result.which.push_back(i);
      result.values.push_back(distances[i]);
    } else {
      result.largest_of_others = std::max(result.largest_of_others, distances[i]);
    }
  }
  return result;
}

std::optional<NoveltyDetector> NoveltyDetector::fit(const std::vector<Tensor>& images) {
  require_finite(images);
  if (images.size() < kLeastImages) return std::nullopt;
  NoveltyDetector all = statistics(images, images.size(), images.size());
  all.limit_ = static_cast<real>(limit_of(distances_to_others(images, std::vector<char>(images.size(), 1))));
  return all;
}

double NoveltyDetector::distance(const Tensor& moments) const {
  if (moments.size() != mean_.size())
    fail("novelty: channel moments ", moments.shape(), " of an image, ", mean_.shape(), " of the normal ones");
  const std::vector<double> x = description(moments, scale_);
  double sum = 0;
  for (size_t k = 0; k < x.size(); ++k) {
    const double z = (x[k] - static_cast<double>(mean_.data()[k])) / static_cast<double>(deviation_.data()[k]);
    sum += z * z;
  }
  return std::sqrt(sum / static_cast<double>(x.size()));
}

Tensor NoveltyDetector::centre() const {
  const int64_t channels = scale_.size();
  Tensor moments({2 * channels});
  for (int64_t c = 0; c < channels; ++c) {
    const auto s = static_cast<double>(scale_.data()[c]);
    const double deviation = std::exp(static_cast<double>(mean_.data()[channels + c])) - kLogFloor;
    moments.data()[c] = static_cast<real>(s * static_cast<double>(mean_.data()[c]));
    moments.data()[channels + c] = static_cast<real>(s * std::max(deviation, 0.0));
  }
  return moments;
}

void NoveltyDetector::save(SafetensorsWriter& writer, const std::string& prefix) const {
  writer.add(prefix + "scale", scale_);
  writer.add(prefix + "mean", mean_);
  writer.add(prefix + "deviation", deviation_);
  writer.add(prefix + "limit", Tensor::scalar(limit_));
}

std::optional<NoveltyDetector> NoveltyDetector::load(const TensorFile& file, const std::string& prefix) {
  if (!file.contains(prefix + "limit")) return std::nullopt;
  NoveltyDetector d;
  d.scale_ = file.tensor(prefix + "scale");
  d.mean_ = file.tensor(prefix + "mean");
  d.deviation_ = file.tensor(prefix + "deviation");
  d.limit_ = file.tensor(prefix + "limit").item();
  const int64_t c = d.scale_.size();
  if (c == 0 || d.scale_.rank() != 1 || !(d.mean_.shape() == Shape{2 * c}) || !(d.deviation_.shape() == Shape{2 * c}))
    fail(file.path(), ": '", prefix, "' holds a scale ", d.scale_.shape(), ", a mean ", d.mean_.shape(),
         " and a deviation ", d.deviation_.shape(), " that do not fit");
  const auto positive = [](real v) { return std::isfinite(v) && v > 0; };
  if (!std::ranges::all_of(d.scale_.span(), positive) || !std::ranges::all_of(d.deviation_.span(), positive) ||
      !std::ranges::all_of(d.mean_.span(), [](real v) { return std::isfinite(v); }) || !positive(d.limit_))
    fail(file.path(), ": '", prefix, "' holds values that no image gives; the file is damaged");
  return d;
}

}  // namespace iuf
