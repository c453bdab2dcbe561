#include "iuf/run/pixel_figures.h"

#include <algorithm>
#include <functional>

#include "iuf/image/resize.h"
#include "tensor/error.h"

namespace iuf {

Mask united_mask(const std::vector<std::filesystem::path>& masks, const MaskedPhoto& photo) {
  Mask all;
  for (const std::filesystem::path& path : masks) {
    Mask mask = read_mask(path, photo);
    if (all.image.pixels.empty()) {
      all = std::move(mask);
      continue;
    }
    std::ranges::transform(all.image.pixels, mask.image.pixels, all.image.pixels.begin(), std::bit_or<uint8_t>());
    if (all.values.empty()) all.values = mask.values;
    all.remarks.insert(all.remarks.end(), mask.remarks.begin(), mask.remarks.end());
  }
  return all;
}

bool shows_defect(const Image& mask) {
  return std::ranges::any_of(mask.pixels, [](uint8_t pixel) { return pixel != 0; });
}

void PixelFigures::add_published(const std::string& name, std::span<const float> map, const Image* mask,
                                 const IgnoredRegion* ignored) {
  const auto side = static_cast<int>(map_side_);
  const Image at_map = mask ? resize_nearest(*mask, side, side) : blank_image(side, side, 1);
  const std::vector<uint8_t> left_out = ignored ? ignored->at(side, side) : std::vector<uint8_t>();
  const std::lock_guard lock(mutex_);
  exact_.add(name, map, at_map.pixels, static_cast<size_t>(side), left_out);
}

void PixelFigures::add(const std::string& name, std::span<const float> map, int width, int height, const Image* mask,
                       const IgnoredRegion* ignored) {
  if (size_.kind == MetricsSize::Kind::published) return add_published(name, map, mask, ignored);
  const bool grid = size_.kind == MetricsSize::Kind::grid;
  std::optional<DefectMask> defects;
  if (mask || ignored) {
    Image shown = mask ? *mask : blank_image(width, height, 1);
    if (ignored) {
      const std::vector<uint8_t> left_out = ignored->at(width, height);
      for (size_t i = 0; i < left_out.size(); ++i)
        if (left_out[i] != 0) shown.pixels[i] = 0;
    }
    defects = grid ? grid_mask(shown, size_.side) : drawn_mask(std::move(shown));
    if (ignored)
      defects->ignored = ignored->at(static_cast<int64_t>(defects->width), static_cast<int64_t>(defects->height));
    // On a grid, a cell that shows a defect is not ignored.
    for (size_t i = 0; i < defects->ignored.size(); ++i)
      if (defects->defect[i] != 0) defects->ignored[i] = 0;
  }
  std::vector<float> coarse;  // of a grid with fewer cells than the map
  if (grid && size_.side < map_side_) map = coarse = grid_map(name, map, map_side_, size_.side);
  const auto side = static_cast<int>(coarse.empty() ? map_side_ : size_.side), cells = static_cast<int>(size_.side);
  const Stretch stretched(map, side, side, grid ? cells : width, grid ? cells : height);

  std::unique_ptr<BinnedPixels> counts;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      counts = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!counts) counts = std::make_unique<BinnedPixels>();
  const auto back = [&] {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(counts));
  };
  try {
    counts->add(name, stretched, defects ? &*defects : nullptr);
  } catch (...) {
    back();
    throw;
  }
  back();
}

PixelFigures::Result PixelFigures::result() const {
  if (size_.kind == MetricsSize::Kind::published) return {exact_.rank(), exact_.aupro()};
  BinnedPixels all;
  for (const auto& counts : idle_) all.add(*counts);
  return {all.rank(), all.aupro()};
}

}  // namespace iuf
