#include "iuf/features/working_features.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "iuf/features/neck.h"
#include "tensor/error.h"
#include "tensor/row_kernels.h"

namespace iuf {
namespace {

// Multiply-adds a millisecond on two cores, as measured with the default backbone (docs/results.md).
constexpr double kOperationsPerMs = 40e6;
// Photographs of so many pixels have one budget, larger ones in proportion, three at most: a camera of five megapixels
// is there for what is a few of its pixels wide, and the whole verdict then takes less than 400 ms (docs/results.md).
constexpr double kBudgetPixels = 1024 * 1024, kMostBudgets = 3;
// Sides are multiples of it, and tiles begin at them, so that the positions of neighbours coincide.
constexpr int64_t kCoarsestStride = 32;

/// Pixels [begin, end) of an axis, which are seen at once.
struct Stretch {
  int64_t begin, end;
};

// Of about equal length.
std::vector<Stretch> stretches(int64_t size) {
  if (size <= kTile) return {{0, size}};
  const int64_t step = kTile - kTileOverlap, count = (size - kTileOverlap + step - 1) / step;
  std::vector<Stretch> tiles;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = (size - kTile) * i / (count - 1) / kCoarsestStride * kCoarsestStride;
    tiles.push_back({begin, i + 1 < count ? begin + kTile : size});
  }
  return tiles;
}

// What the positions of a stretch count: rising linearly over the overlaps with its neighbours.
std::vector<real> weights_of(const std::vector<Stretch>& all, size_t which, int64_t stride) {
  const Stretch& own = all[which];
  std::vector<real> weights(static_cast<size_t>((own.end - own.begin + stride - 1) / stride), 1);
  const auto rise = [&](int64_t overlap, auto first) {
    const auto n = static_cast<real>(overlap / stride);
    for (real i = 0; i < n; ++i, ++first) *first *= (i + real(0.5)) / n;
  };
  if (which > 0) rise(all[which - 1].end - own.begin, weights.begin());
  if (which + 1 < all.size()) rise(own.end - all[which + 1].begin, weights.rbegin());
  return weights;
}

Image cut(const Image& image, const Stretch& down, const Stretch& across) {
  Image part = blank_image(across.end - across.begin, down.end - down.begin, image.channels);
  for (int y = 0; y < part.height; ++y)
    std::copy_n(image.row(y + static_cast<int>(down.begin)) + across.begin * image.channels, part.width * part.channels,
                part.row(y));
  return part;
}

WorkingFeatures features_at_once(const Backbone& backbone, const Image& image) {
  const Tensor x = normalised_image(backbone.info(), image.pixels, image.height, image.width);
  const std::vector<Tensor> maps = backbone.is_deep() ? backbone.deep_features(x) : backbone.features(x);
  const size_t levels = backbone.info().strides.size();
  const auto tokens = [&](size_t level) {
    const Tensor joined = local_tokens(maps[level], maps[level + 1]);
    return joined.reshape({joined.dim(1), joined.dim(2)});
  };
  return {.fine = tokens(levels - 2), .deep = backbone.is_deep() ? tokens(levels - 1) : Tensor()};
}

/// The features of tiles, put together.
class Blend {
 public:
  Blend(const WorkingSize& size, int64_t stride, int64_t channels)
      : stride_(stride),
        columns_(size.columns(stride)),
        sum_(Tensor::zeros({size.rows(stride) * columns_, channels})),
        total_(static_cast<size_t>(sum_.dim(0))) {}

  void add(const Tensor& part, const std::vector<Stretch>& down, size_t y, const std::vector<Stretch>& across,
           size_t x) {
    const std::vector<real> by_row = weights_of(down, y, stride_), by_column = weights_of(across, x, stride_);
    const int64_t channels = sum_.dim(1);
    const real* from = part.data();
    for (size_t i = 0; i < by_row.size(); ++i) {
      const int64_t row = (down[y].begin / stride_ + static_cast<int64_t>(i)) * columns_ + across[x].begin / stride_;
      for (size_t j = 0; j < by_column.size(); ++j, from += channels) {
        const int64_t at = row + static_cast<int64_t>(j);
        const real weight = by_row[i] * by_column[j];
        total_[static_cast<size_t>(at)] += weight;
        kernel::add_scaled_row(sum_.data() + at * channels, weight, from, channels);
      }
    }
  }
  Tensor finish() {
    const int64_t channels = sum_.dim(1);
    for (size_t p = 0; p < total_.size(); ++p) {
      real* row = sum_.data() + static_cast<int64_t>(p) * channels;
      kernel::scale_row(row, 1 / total_[p], row, channels);
    }
    return sum_;
  }

 private:
  int64_t stride_, columns_;
  Tensor sum_;
  std::vector<real> total_;  // of the weights at every position
};

}  // namespace

int64_t fine_channels(const BackboneInfo& backbone) {
  const size_t levels = backbone.channels.size();
  return backbone.channels[levels - 2] + backbone.channels[levels - 1];
}

int64_t deep_channels(const BackboneInfo& backbone) {
  return backbone.channels.back() + backbone.deep_channels;
}

WorkingSize working_size(const std::vector<std::pair<int64_t, int64_t>>& photographs, const BackboneInfo& backbone,
                         int64_t image_size, double budget_ms) {
  std::map<std::pair<int64_t, int64_t>, int64_t> counts;
  for (const auto& size : photographs) ++counts[size];
  if (counts.empty()) fail("working_size: no photographs");
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  const auto width = static_cast<double>(most->first.first), height = static_cast<double>(most->first.second);
  const double least = 4 * static_cast<double>(image_size) * static_cast<double>(image_size);
  const double budgets = std::clamp(width * height / kBudgetPixels, 1.0, kMostBudgets);
  const double within = budgets * budget_ms * kOperationsPerMs / (backbone.operations + backbone.deep_operations);
  const double scale = std::sqrt(std::min(std::max(width * height, least), within) / (width * height));
  const auto side = [&](double pixels) {
    const auto steps = std::llround(scale * pixels / static_cast<double>(kCoarsestStride));
    return kCoarsestStride * std::max<int64_t>(steps, 2);
  };
  return {side(height), side(width)};
}

WorkingFeatures working_features(const Backbone& backbone, const Image& image) {
  if (image.width <= kTile && image.height <= kTile) return features_at_once(backbone, image);
  const WorkingSize size{image.height, image.width};
  const std::vector<Stretch> down = stretches(image.height), across = stretches(image.width);
  Blend fine(size, WorkingFeatures::kFineStride, fine_channels(backbone.info()));
  Blend deep(size, WorkingFeatures::kDeepStride, deep_channels(backbone.info()));
  for (size_t y = 0; y < down.size(); ++y)
    for (size_t x = 0; x < across.size(); ++x) {
      const WorkingFeatures part = features_at_once(backbone, cut(image, down[y], across[x]));
      fine.add(part.fine, down, y, across, x);
      if (backbone.is_deep()) deep.add(part.deep, down, y, across, x);
    }
  return {.fine = fine.finish(), .deep = backbone.is_deep() ? deep.finish() : Tensor()};
}

}  // namespace iuf
