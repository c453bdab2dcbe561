#include "iuf/run/mask_stretch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "iuf/stats/rank_sum.h"

namespace iuf {
namespace {

constexpr size_t kCells = MapAndMask::kSide;
// Of an image, in logarithms of the share of the cells that a map ranks higher than those of the mask.
constexpr double kClearlyBetter = 0.1, kLeastMean = 0.05, kMostOfOne = 2;
constexpr size_t kTimesWorse = 3;
constexpr double kRareOfCanvases = 0.01;
constexpr double kMostLost = 0.5;  // of a mask, beyond the picture's edge

enum class Along { height, width };
enum class FixedAt { start, middle, end };

// What was done to the masks: the place p, 0 to 1, went to factor p + offset.
struct Canvas {
  Along along;
  double factor, offset;
  FixedAt from;
};

std::vector<Canvas> canvases() {
  std::vector<Canvas> all;
  for (const Along along : {Along::height, Along::width}) {
    for (const double squeezed : {1.0 / 2, 9.0 / 16, 2.0 / 3, 3.0 / 4})
      for (const double factor : {squeezed, 1 / squeezed}) {
        all.push_back({along, factor, 0, FixedAt::start});
        all.push_back({along, factor, (1 - factor) / 2, FixedAt::middle});
        all.push_back({along, factor, 1 - factor, FixedAt::end});
      }
    for (const double moved : {1.0 / 16, 3.0 / 32, 1.0 / 8, 1.0 / 6, 7.0 / 18})
      for (const double offset : {moved, -moved}) all.push_back({along, 1, offset, FixedAt::start});
  }
  return all;
}

std::string name_of_canvas(const Canvas& c) {
  const bool high = c.along == Along::height;
  const std::string side = high ? "height" : "width";
  const auto percent = [](double share) { return std::to_string(std::lround(100 * share)) + " % of "; };
  if (c.factor == 1)
    return "moved by " + percent(std::abs(c.offset)) + "the " + side +
           (high ? (c.offset > 0 ? " upwards" : " downwards") : (c.offset > 0 ? " to the left" : " to the right"));
  const std::string from = c.from == FixedAt::middle  ? "around the middle"
                           : c.from == FixedAt::start ? (high ? "from the upper edge" : "from the left edge")
                                                      : (high ? "from the lower edge" : "from the right edge");
  return (c.factor < 1 ? "stretched to " : "squeezed to ") + percent(1 / c.factor) + "their " + side + " " + from;
}

// An image: what its map has beyond the mean one, and its mask.
struct Place {
  std::vector<float> peaks;
  const std::vector<float>& drawn;

  float peak(Along along, size_t line, size_t k) const { return peaks[cell(along, line, k)]; }
  float mask(Along along, size_t line, size_t k) const { return drawn[cell(along, line, k)]; }
  // Cell k of a line along this side.
  static size_t cell(Along along, size_t line, size_t k) {
    return along == Along::height ? k * kCells + line : line * kCells + k;
  }
  // Of the mask, 0 to 1.
  double centre(Along along) const {
    double sum = 0, all = 0;
    for (size_t k = 0; k < kCells; ++k)
      for (size_t line = 0; line < kCells; ++line) {
        const auto share = static_cast<double>(mask(along, line, k));
        sum += share * (static_cast<double>(k) + 0.5) / kCells;
        all += share;
      }
    return sum / all;
  }
  // The mean of the peaks over the mask as it was before: a cell is the mean of those that it became. Absent where most
  // of the mask lies outside then.
  std::optional<double> fit(Along along, double factor, double offset) const {
    double sum = 0, area = 0;
    for (size_t k = 0; k < kCells; ++k) {
      const double begin = factor * static_cast<double>(k) + offset * kCells, end = begin + factor;
      for (auto source = static_cast<int>(std::floor(begin)); source < end; ++source) {
        if (source < 0 || source >= static_cast<int>(kCells)) continue;
        const double weight = (std::min<double>(end, source + 1) - std::max<double>(begin, source)) / factor;
        for (size_t line = 0; line < kCells; ++line) {
          const double share = weight * static_cast<double>(mask(along, line, static_cast<size_t>(source)));
          area += share;
          sum += share * static_cast<double>(peak(along, line, k));
        }
      }
    }
    if (area * factor < kMostLost) return std::nullopt;
    return sum / area;
  }
};

struct CanvasSums {
  size_t better = 0, worse = 0;
  double gain_of_places = 0, gain = 0;
};

double bounded(double gain) {
  return std::clamp(gain, -kMostOfOne, kMostOfOne);
}

void add_canvases(const Place& place, const std::vector<Canvas>& all, std::vector<CanvasSums>& sums) {
  const double as_it_is = *place.fit(Along::width, 1, 0);
  for (size_t t = 0; t < all.size(); ++t) {
    const Canvas& c = all[t];
    const double centre = place.centre(c.along);
    const std::optional<double> fit = place.fit(c.along, c.factor, c.offset),
                                in_place = place.fit(c.along, c.factor, centre - c.factor * centre);
    const double gain = fit && in_place ? *fit - *in_place : -1;
    sums[t].better += gain > kClearlyBetter;
    sums[t].worse += gain < -kClearlyBetter;
    sums[t].gain_of_places += bounded(gain);
    sums[t].gain += fit ? *fit - as_it_is : -1;
  }
}

}  // namespace

std::optional<MaskStretch> stretched_masks(const std::vector<MapAndMask>& pairs) {
  const auto n = static_cast<double>(pairs.size());
  std::vector<double> mean(kCells * kCells);
  for (const MapAndMask& pair : pairs)
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += static_cast<double>(pair.peaks[i]) / n;
  const std::vector<Canvas> all = canvases();
  std::vector<CanvasSums> sums(all.size());
  for (const MapAndMask& pair : pairs) {
    Place place{.peaks = pair.peaks, .drawn = pair.drawn};
    for (size_t i = 0; i < mean.size(); ++i) place.peaks[i] -= static_cast<float>(mean[i]);
    add_canvases(place, all, sums);
  }
  std::optional<MaskStretch> best;
  for (size_t t = 0; t < all.size(); ++t) {
    const CanvasSums& s = sums[t];
    if (s.better < kTimesWorse * s.worse || s.gain < kLeastMean * n || s.gain_of_places < kLeastMean * n) continue;
    if (chance_of_signs(s.better, s.worse) * static_cast<double>(all.size()) >= kRareOfCanvases) continue;
    if (!best || s.gain / n > best->gain)
      best = {.name = name_of_canvas(all[t]), .better = s.better, .worse = s.worse, .gain = s.gain / n};
  }
  return best;
}

}  // namespace iuf
