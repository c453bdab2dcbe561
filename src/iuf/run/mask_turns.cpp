#include "iuf/run/mask_turns.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kGrid = MapAndMask::kSide;  // cells a side
// Of shares of the cells that a map ranks below those of the mask. The masks of seven real objects reach them in no
// other position.
constexpr double kClear = 0.02, kLeastGain = 0.1;
constexpr size_t kFewest = 6;  // images
// The same of the logarithms of the shares above, which tell a map's peak from its slope.
constexpr double kClearOfPeak = 0.2, kLeastGainOfPeak = 0.5;
constexpr int kLeastMove = 2;  // cells; maps are no finer
// In logarithms of shares, beyond what a mask gets from the maps of all images: where defects are usual counts for
// nothing.
constexpr double kFitsItsOwn = 1, kFewestExchanged = 0.2;  // the latter of the images
constexpr double kFewestTurned = 0.15;                     // of the images, where not most are turned
constexpr double kAsWell = 0.8;                            // a move explains much of what a canvas does
constexpr size_t kMostPairs = 1000;                        // looked at: every map with every mask

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

// High at the peak of a map.
Cells peaks_of(Cells ranks) {
  for (double& rank : ranks) rank = -std::log(1 - rank + 1.0 / (kGrid * kGrid));
  return ranks;
}

// Where a part of half the size begins, in cells, and what it is called.
struct Half {
  size_t left, top;
  const char* name;
};
constexpr std::array kHalves = {Half{0, 0, "upper left quarter"}, Half{kGrid / 2, 0, "upper right quarter"},
                                Half{0, kGrid / 2, "lower left quarter"},
                                Half{kGrid / 2, kGrid / 2, "lower right quarter"},
                                Half{kGrid / 4, kGrid / 4, "middle"}};

// The mean over what is drawn, of which each cell becomes four.
double fit_enlarged(const Cells& drawn, const Cells& peaks, double area, const Half& half) {
  double sum = 0;
  for (size_t y = 0; y < kGrid / 2; ++y)
    for (size_t x = 0; x < kGrid / 2; ++x)
      if (const double weight = drawn[(half.top + y) * kGrid + half.left + x]; weight > 0)
        for (const size_t i : {2 * y * kGrid + 2 * x, 2 * y * kGrid + 2 * x + 1, (2 * y + 1) * kGrid + 2 * x,
                               (2 * y + 1) * kGrid + 2 * x + 1})
          sum += weight * peaks[i] / 4;
  return sum / area;
}

double fit_moved(const Cells& drawn, const Cells& peaks, double area, int right, int down) {
  constexpr auto kSide = static_cast<int>(kGrid);
  double sum = 0;
  for (int y = std::max(0, -down); y < std::min(kSide, kSide - down); ++y)
    for (int x = std::max(0, -right); x < std::min(kSide, kSide - right); ++x)
      sum += drawn[static_cast<size_t>(y * kSide + x)] * peaks[static_cast<size_t>((y + down) * kSide + x + right)];
  return sum / area;
}

std::string name_of_move(int right, int down) {
  const auto percent = [](int cells) { return std::to_string(std::abs(cells) * 100 / static_cast<int>(kGrid)) + " %"; };
  std::vector<std::string> said;
  if (right != 0) said.push_back(percent(right) + " of the width to the " + (right > 0 ? "right" : "left"));
  if (down != 0) said.push_back(percent(down) + " of the height " + (down > 0 ? "downwards" : "upwards"));
  return "moved by " + joined(said, " and ");
}

std::string said_of_masks(size_t better, size_t worse, size_t images, const std::string& name,
                          const std::string& question) {
  return "the masks of " + std::to_string(better) + " of " + std::to_string(images) +
         " defective images fit the heatmaps better when they are " + name + ", and those of " + std::to_string(worse) +
         " worse: " + question + " The pixel figures are those of the masks as they are";
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
  std::array<double, std::tuple_size_v<decltype(positions_)>> fit = {};
  std::array<double, kPositions> peak_fit = {};
  const Cells peaks = peaks_of(ranks);
  for (size_t position = 0; position < kPositions; ++position)
    for (size_t y = 0; y < kGrid; ++y)
      for (size_t x = 0; x < kGrid; ++x) {
        const double share = drawn[place_in(x, y, kGrid, kGrid, position)] / area;
        fit[position] += share * ranks[y * kGrid + x];
        peak_fit[position] += share * peaks[y * kGrid + x];
      }
  size_t next = kPositions;
  for (const Half& half : kHalves) fit[next++] = fit_enlarged(drawn, peaks, area, half);
  constexpr auto most = static_cast<int>(kMost);
  for (int down = -most; down <= most; ++down)
    for (int right = -most; right <= most; ++right) fit[next++] = fit_moved(drawn, peaks, area, right, down);
  MapAndMask pair{.peaks = {peaks.begin(), peaks.end()}};
  for (const double share : drawn) pair.drawn.push_back(static_cast<float>(share / area));
  const std::lock_guard lock(mutex_);
  ++images_;
  if (pairs_.size() < kMostPairs) pairs_.push_back(std::move(pair));
  for (size_t position = 1; position < fit.size(); ++position) {
    const bool is_turn = position < kPositions;
    const double gain = fit[position] - (is_turn ? fit[0] : peak_fit[0]), clear = is_turn ? kClear : kClearOfPeak;
    positions_[position].gain += gain;
    positions_[position].peak_gain += is_turn ? peak_fit[position] - peak_fit[0] : gain;
    positions_[position].far_better += is_turn && peak_fit[position] - peak_fit[0] >= kFitsItsOwn;
    positions_[position].better += gain > clear;
    positions_[position].worse += gain < -clear;
  }
}

std::string MaskTurns::remark() const {
  const std::lock_guard lock(mutex_);
  const auto [said, gain] = turned();
  const std::optional<MaskStretch> stretched = stretched_masks(pairs_);
  if (!stretched || stretched->gain <= kAsWell * gain) return said.empty() ? some_turned() : said;
  return said_of_masks(stretched->better, stretched->worse, pairs_.size(), stretched->name,
                       "were they drawn on a canvas of other proportions, or on a cropped photograph?");
}

std::string MaskTurns::some_turned() const {
  const auto best = std::max_element(positions_.begin() + 1, positions_.begin() + kPositions,
                                     [](const Position& a, const Position& b) { return a.far_better < b.far_better; });
  if (best->far_better < kFewest ||
      static_cast<double>(best->far_better) < kFewestTurned * static_cast<double>(images_))
    return "";
  return "the masks of " + std::to_string(best->far_better) + " of " + std::to_string(images_) +
         " defective images fit the heatmaps far better when they are " +
         kPositionNames[static_cast<size_t>(best - positions_.begin())] +
         ", and the others do not: were some of them saved so? The pixel figures are those of the masks as they are";
}

std::pair<std::string, double> MaskTurns::turned() const {
  size_t best = 0;
  for (size_t k = 1; k < positions_.size(); ++k) {
    const Position& p = positions_[k];
    const double least = (k < kPositions ? kLeastGain : kLeastGainOfPeak) * static_cast<double>(images_);
    if (p.better >= kFewest && p.better >= 4 * p.worse && p.gain >= least && p.peak_gain > positions_[best].peak_gain)
      best = k;
  }
  const Position& found = positions_[best];
  const auto said = [&](const std::string& name) {
    return std::pair(said_of_masks(found.better, found.worse, images_, name, "were they saved so?"),
                     found.peak_gain / static_cast<double>(images_));
  };
  if (best == 0) return {};
  if (best < kPositions) return said(kPositionNames[best]);
  if (best < kPositions + kEnlarged)
    return said(std::string("enlarged twice from the ") + kHalves[best - kPositions].name);
  const auto move = static_cast<int>(best - kPositions - kEnlarged), side = static_cast<int>(2 * kMost + 1);
  const int right = move % side - static_cast<int>(kMost), down = move / side - static_cast<int>(kMost);
  if (std::max(std::abs(right), std::abs(down)) < kLeastMove) return {};
  auto found_move = said(name_of_move(right, down));
  if (right == 0 || down == 0) found_move.second = 0;  // stretched_masks() knows these moves, too
  return found_move;
}

std::string MaskTurns::exchange_remark() const {
  const std::lock_guard lock(mutex_);
  const size_t n = pairs_.size();
  if (n < kFewest) return "";
  std::vector<double> fit(n * n);  // of map i and mask j
  for (size_t j = 0; j < n; ++j) {
    double mean = 0;
    for (size_t i = 0; i < n; ++i) {
      const std::vector<float>&peaks = pairs_[i].peaks, &drawn = pairs_[j].drawn;
      fit[i * n + j] = std::inner_product(peaks.begin(), peaks.end(), drawn.begin(), 0.0);
      mean += fit[i * n + j] / static_cast<double>(n);
    }
    for (size_t i = 0; i < n; ++i) fit[i * n + j] -= mean;
  }
  size_t exchanged = 0;
  for (size_t i = 0; i < n; ++i) {
    size_t mask = 0, map = 0;  // the best one of map i, and of that mask
    for (size_t j = 0; j < n; ++j)
      if (fit[i * n + j] > fit[i * n + mask]) mask = j;
    for (size_t k = 0; k < n; ++k)
      if (fit[k * n + mask] > fit[map * n + mask]) map = k;
    const double best = fit[i * n + mask];
    exchanged += map == i && mask != i && best >= kFitsItsOwn && best - fit[i * n + i] >= kFitsItsOwn;
  }
  if (exchanged < kFewest || static_cast<double>(exchanged) < kFewestExchanged * static_cast<double>(n)) return "";
  return "the heatmaps of " + std::to_string(exchanged) + " of " + std::to_string(n) +
         " defective images fit masks of others far better than their own: do masks and photographs have the same "
         "numbers? The pixel figures are those of the masks as they are";
}

}  // namespace iuf
