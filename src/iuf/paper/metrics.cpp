#include "iuf/paper/metrics.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>

#include "iuf/paper/rank_sweep.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr size_t kHalf = size_t{1} << 16;                                   // values of one half of a key
constexpr size_t kListLimit = kHalf * sizeof(uint64_t) / sizeof(uint16_t);  // a longer list outgrows its counts
constexpr size_t kBatch = kHalf / 4;  // listed beside the counts, so that one table at a time is in the cache
constexpr size_t kFewScores = 4096;   // below, sorting a bucket beats walking its 65536 counts

void check_scores(std::string_view name, std::span<const float> scores, std::span<const uint8_t> labels) {
  if (scores.size() != labels.size()) {
    fail(name, ": ", scores.size(), " scores, but ", labels.size(), " labels: each score needs one");
  }
  const auto bad = std::find_if_not(scores.begin(), scores.end(), is_finite);
  if (bad != scores.end()) {
    fail(name, ": score ", bad - scores.begin(), " of ", scores.size(), " is ", *bad,
         ": metrics need finite scores; check the model and its input");
  }
}

}  // namespace

RankMetrics rank_metrics(std::span<const float> scores, std::span<const uint8_t> labels) {
  check_scores("rank_metrics", scores, labels);
  std::vector<uint64_t> order(scores.size());  // key above, class in the lowest bit
  uint64_t defect = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const uint64_t label = labels[i] != 0;
    order[i] = uint64_t{ordered_key(scores[i])} << 1 | label;
    defect += label;
  }
  std::sort(order.begin(), order.end(), std::greater<>());
  RankSweep sweep(scores.size() - defect, defect);
  for (size_t i = 0; i < order.size();) {
    std::array<uint64_t, 2> count{};
    const uint64_t key = order[i] >> 1;
    for (; i < order.size() && order[i] >> 1 == key; ++i) ++count[order[i] & 1];
    sweep.add(count[0], count[1]);
  }
  return sweep.finish();
}

void RankAccumulator::Bucket::count_list() {
  counts.resize(kHalf);
  for (const uint16_t low : list) ++counts[low];
  list = {};
}

void RankAccumulator::Bucket::add(uint16_t low) {
  list.push_back(low);
  if (list.size() >= (counts.empty() ? kListLimit : kBatch)) count_list();
}

void RankAccumulator::add(std::string_view name, std::span<const float> scores, std::span<const uint8_t> labels) {
  check_scores(name, scores, labels);
  if (buckets_.empty()) buckets_.resize(kHalf);
  for (size_t i = 0; i < scores.size(); ++i) {
    const uint32_t key = ordered_key(scores[i]);
    const size_t label = labels[i] != 0;
    buckets_[key >> 16][label].add(static_cast<uint16_t>(key));
    ++total_[label];
  }
}

template <class Visit>
void RankAccumulator::descend(Visit&& visit) const {
  std::vector<uint32_t> few;  // low half above, class in the lowest bit
  std::array<std::vector<uint64_t>, 2> counts;
  for (size_t b = buckets_.size(); b-- > 0;) {
    const auto& bucket = buckets_[b];
    const auto key = [high = static_cast<uint32_t>(b) << 16](size_t low) { return high | static_cast<uint32_t>(low); };
    const bool counted = !bucket[0].counts.empty() || !bucket[1].counts.empty();
    if (!counted && bucket[0].list.size() + bucket[1].list.size() <= kFewScores) {
      few.clear();
      for (const uint32_t label : {0u, 1u}) {
        for (const uint16_t low : bucket[label].list) few.push_back(uint32_t{low} << 1 | label);
      }
      std::sort(few.begin(), few.end(), std::greater<>());
      for (size_t i = 0; i < few.size();) {
        std::array<uint64_t, 2> count{};
        const uint32_t low = few[i] >> 1;
        for (; i < few.size() && few[i] >> 1 == low; ++i) ++count[few[i] & 1];
        if (!visit(key(low), count[0], count[1])) return;
      }
      continue;
    }
    for (size_t label = 0; label < 2; ++label) {
      counts[label] = bucket[label].counts;
      counts[label].resize(kHalf);
      for (const uint16_t low : bucket[label].list) ++counts[label][low];
    }
    for (size_t low = kHalf; low-- > 0;) {
      if ((counts[0][low] | counts[1][low]) == 0) continue;
      if (!visit(key(low), counts[0][low], counts[1][low])) return;
    }
  }
}

RankMetrics RankAccumulator::metrics() const {
  RankSweep sweep(total_[0], total_[1]);
  descend([&](uint32_t, uint64_t normal, uint64_t defect) {
    sweep.add(normal, defect);
    return true;
  });
  return sweep.finish();
}

Regions connected_regions(std::span<const uint8_t> mask, size_t width) {
  if (mask.empty()) return {};
  if (width == 0 || mask.size() % width != 0 || mask.size() > UINT32_MAX) {
    fail("connected_regions: a mask of ", mask.size(), " pixels is no picture of width ", width);
  }
  const size_t height = mask.size() / width;
  Regions regions;
  std::vector<uint8_t> open(mask.begin(), mask.end());  // defect pixels that belong to no region yet
  const auto take = [&](size_t pixel) {
    open[pixel] = 0;
    regions.pixels.push_back(static_cast<uint32_t>(pixel));
  };
  for (size_t seed = 0; seed < open.size(); ++seed) {
    if (open[seed] == 0) continue;
    // The list of the region's pixels is also the queue of those whose neighbours are still to be looked at.
    size_t next = regions.pixels.size();
    take(seed);
    for (; next < regions.pixels.size(); ++next) {
      const size_t y = regions.pixels[next] / width, x = regions.pixels[next] % width;
      for (size_t v = y - (y > 0); v < std::min(y + 2, height); ++v) {
        for (size_t u = x - (x > 0); u < std::min(x + 2, width); ++u) {
          if (open[v * width + u] != 0) take(v * width + u);
        }
      }
    }
    regions.end.push_back(regions.pixels.size());
  }
  return regions;
}

void PixelAccumulator::add(std::string_view name, std::span<const float> map, std::span<const uint8_t> mask,
                           size_t width, std::span<const uint8_t> ignored) {
  if (!ignored.empty()) return add_some(name, map, mask, width, ignored);
  if (width == 0 || mask.size() % width != 0) fail(name, ": a mask of ", mask.size(), " pixels has no width ", width);
  const Regions regions = connected_regions(mask, width);
  rank_.add(name, map, mask);
  add_regions(regions, map);
}

void PixelAccumulator::add_some(std::string_view name, std::span<const float> map, std::span<const uint8_t> mask,
                                size_t width, std::span<const uint8_t> ignored) {
  if (width == 0 || mask.size() % width != 0 || ignored.size() != mask.size() || map.size() != mask.size())
    fail(name, ": a mask of ", mask.size(), " pixels and ", ignored.size(), " to ignore for ", map.size(), " scores");
  std::vector<uint8_t> shown(mask.begin(), mask.end()), labels;
  std::vector<float> scores;
  for (size_t i = 0; i < mask.size(); ++i) {
    if (ignored[i] != 0) {
      shown[i] = 0;
      continue;
    }
    labels.push_back(mask[i]);
    scores.push_back(map[i]);
  }
  const Regions regions = connected_regions(shown, width);
  rank_.add(name, scores, labels);
  add_regions(regions, map);
}

void PixelAccumulator::add_regions(const Regions& regions, std::span<const float> map) {
  for (const size_t end : regions.end) region_end_.push_back(region_keys_.size() + end);
  for (const uint32_t pixel : regions.pixels) region_keys_.push_back(ordered_key(map[pixel]));
}

std::optional<double> PixelAccumulator::aupro(double limit) const {
  if (!(limit > 0 && limit <= 1)) fail("aupro: limit ", limit, ": the false positive rate must lie in (0, 1]");
  if (rank_.normal() == 0 || region_end_.empty()) return std::nullopt;

  // The integral is linear in the pixels: one that is above the threshold from the rate f on adds limit - f to its
  // region's area. A pixel tied with normal ones rises linearly between the rates before and after them: f lies half
  // way, except at the one score that contains the limit. Per region only integers are summed, so the order of images
  // cannot matter.
  struct Area {
    uint64_t inside = 0;       // pixels whose ties end before the limit
    uint64_t twice_above = 0;  // their normal pixels above, those with the same score half
    uint64_t crossing = 0;     // pixels whose score contains the limit
  };
  std::vector<Area> areas(region_end_.size());
  std::vector<uint64_t> order;  // key above, region below
  order.reserve(region_keys_.size());
  for (size_t region = 0, pixel = 0; region < region_end_.size(); ++region) {
    for (; pixel < region_end_[region]; ++pixel) order.push_back(uint64_t{region_keys_[pixel]} << 32 | region);
  }
  std::sort(order.begin(), order.end(), std::greater<>());

  const double allowed = limit * static_cast<double>(rank_.normal());  // false alarms at the limit
  uint64_t above = 0;
  double crossing_area = 0;
  size_t next = 0;
  rank_.descend([&](uint32_t key, uint64_t normal, uint64_t) {
    const bool crosses = static_cast<double>(above + normal) > allowed;
    for (; next < order.size() && order[next] >> 32 >= key; ++next) {
      Area& area = areas[static_cast<uint32_t>(order[next])];
      if (crosses && normal > 0) {
        ++area.crossing;
      } else {
        ++area.inside;
        area.twice_above += 2 * above + normal;
      }
    }
    if (crosses) {
      const double rest = allowed - static_cast<double>(above);
      crossing_area = rest * rest / (2 * static_cast<double>(normal));
    }
    above += normal;
    return static_cast<double>(above) < allowed;
  });

  std::vector<double> shares;
  for (size_t region = 0, begin = 0; region < region_end_.size(); begin = region_end_[region++]) {
    const Area& area = areas[region];
    const double sum = static_cast<double>(area.inside) * allowed - static_cast<double>(area.twice_above) / 2 +
                       static_cast<double>(area.crossing) * crossing_area;
    shares.push_back(sum / (allowed * static_cast<double>(region_end_[region] - begin)));
  }
  std::sort(shares.begin(), shares.end());
  return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

StepMatrix::StepMatrix(const Stream& stream) {
  for (size_t step = 0; step < stream.steps.size(); ++step) {
    for (const std::string& object : stream.steps[step]) {
      objects.push_back(object);
      learned.push_back(step);
    }
  }
  value.assign(stream.steps.size(), std::vector<std::optional<double>>(objects.size()));
}

namespace {

/// The mean of what `term` gives for each object learned before step `end`.
template <class Term>
ObjectMean mean_over_objects(const StepMatrix& a, size_t last, size_t end, Term&& term) {
  if (last >= a.steps()) fail("step matrix: asked for step ", last + 1, ", it has ", a.steps());
  if (a.learned.size() != a.objects.size()) {
    fail("step matrix: ", a.objects.size(), " objects, but ", a.learned.size(), " entries of when they were learned");
  }
  for (const auto& row : a.value) {
    if (row.size() != a.objects.size()) {
      fail("step matrix: a row of ", row.size(), " values for ", a.objects.size(), " objects");
    }
  }
  ObjectMean mean;
  double sum = 0;
  for (size_t object = 0; object < a.objects.size(); ++object) {
    if (a.learned[object] >= end) continue;
    const std::optional<double> value = term(object);
    if (value) {
      sum += *value;
      ++mean.used;
    } else {
      ++mean.left_out;
    }
  }
  if (mean.used > 0) mean.value = sum / static_cast<double>(mean.used);
  return mean;
}

}  // namespace

ObjectMean acc(const StepMatrix& a, size_t last) {
  return mean_over_objects(a, last, last + 1, [&](size_t object) { return a.value[last][object]; });
}

std::optional<double> forgotten(const StepMatrix& a, size_t object, size_t last) {
  std::optional<double> best;  // an empty optional is below every value
  for (size_t step = a.learned[object]; step < last; ++step) best = std::max(best, a.value[step][object]);
  const std::optional<double> now = a.value[last][object];
  if (!best || !now) return std::nullopt;
  return *best - *now;
}

ObjectMean fm(const StepMatrix& a, size_t last) {
  return mean_over_objects(a, last, last, [&](size_t object) { return forgotten(a, object, last); });
}

ObjectMean bwt(const StepMatrix& a, size_t last) {
  return mean_over_objects(a, last, last, [&](size_t object) -> std::optional<double> {
    const std::optional<double> then = a.value[a.learned[object]][object], now = a.value[last][object];
    if (!then || !now) return std::nullopt;
    return *now - *then;
  });
}

StepSummary summarise(const StepMatrix& a) {
  if (a.steps() == 0) return {};
  const size_t last = a.steps() - 1;
  return {.acc = acc(a, last), .fm = fm(a, last), .bwt = bwt(a, last)};
}

}  // namespace iuf
