#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <numeric>

#include "iuf/paper/metrics.h"
#include "support/dice.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

struct MetricsPicture {
  size_t width;
  std::vector<float> map;
  std::vector<uint8_t> mask;
};

/// Blobs of defects: pixels are set where a coarse random grid is, and some at random.
MetricsPicture random_blobs(size_t width, size_t height, uint32_t levels, uint32_t seed) {
  Dice dice(seed);
  std::vector<bool> coarse(64);
  for (auto&& cell : coarse) cell = dice.below(6) == 0;
  MetricsPicture picture{.width = width, .map = {}, .mask = {}};
  for (size_t i = 0; i < width * height; ++i) {
    const size_t x = i % width, y = i / width;
    const bool defect = coarse[y / 3 % 8 * 8 + x / 3 % 8] || dice.below(40) == 0;
    picture.mask.push_back(defect ? static_cast<uint8_t>(1 + dice.below(255)) : 0);
    picture.map.push_back(static_cast<float>(dice.below(levels) + (defect ? levels / 3 : 0)) - 2);
  }
  return picture;
}

/// Region numbers by spreading the smallest index among neighbours until nothing changes; -1 for normal pixels.
std::vector<int> slow_regions(const MetricsPicture& picture) {
  const int width = static_cast<int>(picture.width), height = static_cast<int>(picture.mask.size() / picture.width);
  std::vector<int> label(picture.mask.size(), -1);
  for (size_t i = 0; i < label.size(); ++i) {
    if (picture.mask[i]) label[i] = static_cast<int>(i);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (int i = 0; i < width * height; ++i) {
      for (int j = 0; j < width * height; ++j) {
        const bool near = std::abs(i % width - j % width) <= 1 && std::abs(i / width - j / width) <= 1;
        auto &a = label[static_cast<size_t>(i)], &b = label[static_cast<size_t>(j)];
        if (!near || a < 0 || b < 0 || a <= b) continue;
        a = b;
        changed = true;
      }
    }
  }
  return label;
}

/// MVTec's definition: the curve of (false positive rate, mean overlap) over all thresholds, then the trapezoidal rule
/// up to the limit, where the curve is interpolated.
double slow_aupro(const std::vector<MetricsPicture>& pictures, double limit) {
  std::vector<float> thresholds;
  std::vector<std::vector<int>> labels;
  for (const MetricsPicture& picture : pictures) {
    thresholds.insert(thresholds.end(), picture.map.begin(), picture.map.end());
    labels.push_back(slow_regions(picture));
  }
  std::sort(thresholds.begin(), thresholds.end(), std::greater<>());
  double rate_before = 0, overlap_before = 0, area = 0;
  for (const float threshold : thresholds) {  // a threshold met again adds nothing
    double alarms = 0, normal = 0;
    std::map<std::pair<size_t, int>, std::pair<double, double>> regions;  // picture, label: pixels above, pixels
    for (size_t p = 0; p < pictures.size(); ++p) {
      for (size_t i = 0; i < labels[p].size(); ++i) {
        const bool above = pictures[p].map[i] >= threshold;
        if (labels[p][i] < 0) {
          normal += 1;
          alarms += above;
        } else {
          auto& region = regions[{p, labels[p][i]}];
          region.first += above;
          region.second += 1;
        }
      }
    }
    double overlap = 0;
    for (const auto& [id, region] : regions)
      overlap += region.first / region.second / static_cast<double>(regions.size());
    const double rate = alarms / normal;
    if (rate >= limit) {
      const double at_limit =
          overlap_before + (overlap - overlap_before) * (limit - rate_before) / (rate - rate_before);
      if (rate > rate_before) area += (limit - rate_before) * (overlap_before + at_limit) / 2;
      return area / limit;
    }
    area += (rate - rate_before) * (overlap_before + overlap) / 2;
    rate_before = rate;
    overlap_before = overlap;
  }
  return area / limit;
}

PixelAccumulator accumulated(const std::vector<MetricsPicture>& pictures) {
  PixelAccumulator all;
  for (const MetricsPicture& picture : pictures) all.add("picture", picture.map, picture.mask, picture.width);
  return all;
}

}  // namespace

TEST_CASE("regions touch at edges and corners, never across the picture's border", "[iuf][metrics]") {
  const std::vector<uint8_t> mask{
      1, 0, 0, 0, 9,  //
      0, 1, 0, 0, 0,  //
      0, 0, 0, 0, 1,  //
      1, 1, 0, 1, 0,  //
  };
  const Regions regions = connected_regions(mask, 5);
  CHECK(regions.end == std::vector<size_t>{2, 3, 5, 7});
  CHECK(regions.pixels == std::vector<uint32_t>{0, 6, 4, 14, 18, 15, 16});
  CHECK(connected_regions(std::vector<uint8_t>{}, 0).end.empty());
  CHECK(connected_regions(std::vector<uint8_t>(12, 0), 4).end.empty());
  CHECK(connected_regions(std::vector<uint8_t>(12, 1), 1).end == std::vector<size_t>{12});
  CHECK(connected_regions(std::vector<uint8_t>(12, 1), 12).end == std::vector<size_t>{12});
}

TEST_CASE("regions equal those of labels spread until nothing changes", "[iuf][metrics]") {
  const auto [width, height] =
      GENERATE(std::make_pair(1u, 30u), std::make_pair(30u, 1u), std::make_pair(17u, 23u), std::make_pair(24u, 24u));
  const MetricsPicture picture = random_blobs(width, height, 5, width);
  const std::vector<int> expected = slow_regions(picture);
  const Regions regions = connected_regions(picture.mask, width);
  std::vector<int> labels(expected.size(), -1);
  for (size_t r = 0, i = 0; r < regions.end.size(); ++r) {
    const size_t begin = i;
    const auto smallest = *std::min_element(regions.pixels.begin() + static_cast<std::ptrdiff_t>(begin),
                                            regions.pixels.begin() + static_cast<std::ptrdiff_t>(regions.end[r]));
    for (; i < regions.end[r]; ++i) labels[regions.pixels[i]] = static_cast<int>(smallest);
  }
  CHECK(labels == expected);
}

TEST_CASE("AUPRO by hand: two regions of unlike size weigh the same, the curve is cut at the limit", "[iuf][metrics]") {
  const std::vector<float> map{9, 8, 6,   //
                               5, 5, -1,  //
                               7, 7, -1,  //
                               5, 5, -1};
  const std::vector<uint8_t> mask{1, 0, 0,  //
                                  0, 0, 0,  //
                                  1, 1, 0,  //
                                  1, 1, 0};
  PixelAccumulator pixels;
  pixels.add("by hand", map, mask, 3);
  // Normal: 8, 6, 5, 5, -1, -1, -1 (7). Overlap: 1/2 up to rate 1/7, then 3/4 up to 2/7, then linear to 1 at 4/7.
  CHECK(*pixels.aupro(1.0 / 7) == Approx(0.5).epsilon(1e-14));
  CHECK(*pixels.aupro(2.0 / 7) == Approx((0.5 + 0.75) / 2).epsilon(1e-14));
  CHECK(*pixels.aupro(3.0 / 7) == Approx((0.5 + 0.75 + (0.75 + 0.875) / 2) / 3).epsilon(1e-14));
  CHECK(*pixels.aupro(1) == Approx((0.5 + 0.75 + 2 * 0.875 + 3) / 7).epsilon(1e-14));
}

TEST_CASE("AUPRO equals MVTec's curve, trapezoids and cut at the limit", "[iuf][metrics]") {
  const auto levels = GENERATE(1u, 2u, 9u, 400u, 1u << 20);
  CAPTURE(levels);
  std::vector<MetricsPicture> pictures;
  for (uint32_t seed = 0; seed < 4; ++seed) pictures.push_back(random_blobs(11 + seed, 9, levels, 10 * levels + seed));
  std::fill(pictures[1].mask.begin(), pictures[1].mask.end(), uint8_t{0});
  const PixelAccumulator pixels = accumulated(pictures);
  for (const double limit : {0.01, 0.05, 0.3, 0.5, 1.0}) {
    CAPTURE(limit);
    CHECK(*pixels.aupro(limit) == Approx(slow_aupro(pictures, limit)).epsilon(1e-12));
  }
  std::vector<float> scores;
  std::vector<uint8_t> labels;
  for (const MetricsPicture& picture : pictures) {
    scores.insert(scores.end(), picture.map.begin(), picture.map.end());
    labels.insert(labels.end(), picture.mask.begin(), picture.mask.end());
  }
  const RankMetrics rank = pixels.rank(), expected = rank_metrics(scores, labels);
  CHECK(rank.auroc == expected.auroc);
  CHECK(rank.average_precision == expected.average_precision);
  CHECK(rank.f1_max == expected.f1_max);
}

TEST_CASE("AUPRO does not depend on the order of the images", "[iuf][metrics]") {
  std::vector<MetricsPicture> pictures;
  for (uint32_t seed = 0; seed < 9; ++seed) pictures.push_back(random_blobs(10 + seed, 8, 50, seed));
  const PixelAccumulator forward = accumulated(pictures);
  for (const std::ptrdiff_t first : {1, 3, 8}) {
    std::rotate(pictures.begin(), pictures.begin() + first, pictures.end());
    CHECK(accumulated(pictures).aupro() == forward.aupro());
  }
  std::reverse(pictures.begin(), pictures.end());
  CHECK(accumulated(pictures).aupro() == forward.aupro());
}

TEST_CASE("AUPRO is n/a without a region or a normal pixel; a limit outside (0, 1] is an error", "[iuf][metrics]") {
  PixelAccumulator pixels;
  CHECK_FALSE(pixels.aupro());
  const std::vector<float> map{1, 2, 3, 4};
  pixels.add("good", map, std::vector<uint8_t>(4, 0), 2);
  CHECK_FALSE(pixels.aupro());
  PixelAccumulator defects;
  defects.add("all defect", map, std::vector<uint8_t>(4, 1), 2);
  CHECK_FALSE(defects.aupro());
  pixels.add("all defect", map, std::vector<uint8_t>(4, 1), 2);
  CHECK(pixels.aupro());
  for (const double limit : {0.0, -0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(pixels.aupro(limit), Error);
  }
}
