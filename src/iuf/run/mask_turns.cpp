#include "iuf/run/mask_turns.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace iuf {
namespace {

constexpr size_t kGrid = 32;  // cells a side
// Of shares of the cells that a map ranks below those of the mask. The masks of seven real objects reach them in no
// other position.
constexpr double kClear = 0.02, kLeastGain = 0.1;
constexpr size_t kFewest = 6;  // images

using Cells = std::vector<double>;  // kGrid x kGrid, row-major

size_t cell_of(size_t i, size_t side) {
  return i * kGrid / side;
}

// Means of a picture's values over the cells.
template <class Value>
Cells cell_means(size_t width, size_t height, Value value) {
  Cells sums(kGrid * kGrid), counts(kGrid * kGrid);
  for (size_t y = 0; y < height; ++y)
    for (size_t x = 0; x < width; ++x) {
      const size_t cell = cell_of(y, height) * kGrid + cell_of(x, width);
      sums[cell] += value(x, y);
      counts[cell] += 1;
    }
  for (size_t i = 0; i < sums.size(); ++i)
    if (counts[i] > 0) sums[i] /= counts[i];
  return sums;
}

// The share of the cells that are lower.
Cells ranks_of(const Cells& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return values[i]; });
  Cells ranks(values.size());
  for (size_t k = 0; k < order.size(); ++k)
    ranks[order[k]] = static_cast<double>(k) / static_cast<double>(order.size() - 1);
  return ranks;
}

}  // namespace

void MaskTurns::add(std::span<const float> map, int64_t side, const Image& mask) {
  const auto map_side = static_cast<size_t>(side), width = static_cast<size_t>(mask.width);
  if (map_side < kGrid || width < kGrid || mask.height < static_cast<int>(kGrid)) return;
  const Cells ranks = ranks_of(
      cell_means(map_side, map_side, [&](size_t x, size_t y) { return static_cast<double>(map[y * map_side + x]); }));
  const Cells drawn = cell_means(width, static_cast<size_t>(mask.height),
                                 [&](size_t x, size_t y) { return mask.pixels[y * width + x] != 0 ? 1.0 : 0.0; });
  const double area = std::accumulate(drawn.begin(), drawn.end(), 0.0);
  if (area <= 0) return;
  std::array<double, kPositions> fit = {};
  for (size_t position = 0; position < kPositions; ++position)
    for (size_t y = 0; y < kGrid; ++y)
      for (size_t x = 0; x < kGrid; ++x)
        fit[position] += drawn[place_in(x, y, kGrid, kGrid, position)] * ranks[y * kGrid + x] / area;
  const std::lock_guard lock(mutex_);
  ++images_;
  for (size_t position = 1; position < kPositions; ++position) {
    const double gain = fit[position] - fit[0];
    positions_[position].gain += gain;
    positions_[position].better += gain > kClear;
    positions_[position].worse += gain < -kClear;
  }
}

std::string MaskTurns::remark() const {
  const std::lock_guard lock(mutex_);
  const auto best = std::ranges::max_element(positions_, {}, &Position::gain);
  if (best->better < kFewest || best->better < 4 * best->worse ||
      best->gain < kLeastGain * static_cast<double>(images_))
    return "";
  return "the masks of " + std::to_string(best->better) + " of " + std::to_string(images_) +
         " defective images fit the heatmaps better when they are " +
         kPositionNames[static_cast<size_t>(best - positions_.begin())] + ", and those of " +
         std::to_string(best->worse) +
         " worse: were they saved so? The pixel figures are those of the masks as they are";
}

}  // namespace iuf
