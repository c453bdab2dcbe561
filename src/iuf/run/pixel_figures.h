#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "iuf/image/ignored_region.h"
#include "iuf/image/mask.h"
#include "iuf/paper/binned_pixels.h"
#include "iuf/paper/metrics.h"
#include "iuf/settings/metrics.h"

namespace iuf {

/// What the masks show together, as large as their photograph. Throws Error for one of another size, or one that cannot
/// be read.
Mask united_mask(const std::vector<std::filesystem::path>& masks, const MaskedPhoto& photo);
/// Whether it shows anything.
bool shows_defect(const Image& mask);

/// The pixel figures of an object, image by image; thread-safe. Neither the order of the images nor the number of
/// threads matters, bit for bit.
class PixelFigures {
 public:
  /// Maps have map_side x map_side values.
  PixelFigures(const MetricsSize& size, int64_t map_side) : size_(size), map_side_(map_side) {}

  /// An anomaly map of an image of width x height pixels and its mask of the same size; without one all pixels are
  /// normal. What is ignored is left out, a defect there, too. Throws Error naming the image for a map that is not
  /// finite; nothing is added then.
  void add(const std::string& name, std::span<const float> map, int width, int height, const Image* mask,
           const IgnoredRegion* ignored = nullptr);

  /// Area under the per-region overlap and the metrics over all pixels.
  struct Result {
    RankMetrics rank;
    std::optional<double> aupro;
  };
  Result result() const;

 private:
  void add_published(const std::string& name, std::span<const float> map, const Image* mask,
                     const IgnoredRegion* ignored);

  MetricsSize size_;
  int64_t map_side_;
  std::mutex mutex_ = {};
  std::vector<std::unique_ptr<BinnedPixels>> idle_ = {};  // as many as threads have added at once
  PixelAccumulator exact_ = {};                           // of the published size
};

}  // namespace iuf
