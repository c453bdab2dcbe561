#include "iuf/paper/metrics.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <numeric>
#include <random>

#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(engine_() % end); }

 private:
  std::mt19937 engine_;
};

struct Sample {
  std::vector<float> scores;
  std::vector<uint8_t> labels;
};

/// Scores on `levels` values (many ties) from `low` to `high`; every third defect is moved up.
Sample random_sample(size_t size, uint32_t levels, float low, float high, uint32_t defects_in_100, uint32_t seed) {
  Dice dice(seed);
  Sample sample;
  for (size_t i = 0; i < size; ++i) {
    const bool defect = dice.below(100) < defects_in_100;
    uint32_t level = dice.below(levels);
    if (defect && dice.below(3) == 0) level = std::max(level, dice.below(levels));
    sample.scores.push_back(low + (high - low) * static_cast<float>(level) / static_cast<float>(levels));
    sample.labels.push_back(defect ? 255 : 0);
  }
  return sample;
}

/// All pairs and all thresholds, counted anew each time.
RankMetrics slow_metrics(const Sample& sample) {
  uint64_t wins = 0, ties = 0, normal = 0, defect = 0;
  for (size_t i = 0; i < sample.scores.size(); ++i) {
    (sample.labels[i] ? defect : normal) += 1;
    for (size_t j = 0; sample.labels[i] && j < sample.scores.size(); ++j) {
      if (sample.labels[j]) continue;
      wins += sample.scores[i] > sample.scores[j];
      ties += sample.scores[i] == sample.scores[j];
    }
  }
  if (normal == 0 || defect == 0) return {};
  std::vector<float> thresholds = sample.scores;
  std::sort(thresholds.begin(), thresholds.end(), std::greater<>());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  double ap = 0, f1 = 0, recall_before = 0;
  for (const float threshold : thresholds) {
    double hits = 0, alarms = 0;
    for (size_t i = 0; i < sample.scores.size(); ++i) {
      if (sample.scores[i] < threshold) continue;
      alarms += 1;
      hits += sample.labels[i] != 0;
    }
    const double precision = hits / alarms, recall = hits / static_cast<double>(defect);
    ap += (recall - recall_before) * precision;
    if (hits > 0) f1 = std::max(f1, 2 * precision * recall / (precision + recall));
    recall_before = recall;
  }
  const auto pairs = static_cast<double>(normal) * static_cast<double>(defect);
  return {.auroc = static_cast<double>(2 * wins + ties) / (2 * pairs), .average_precision = ap, .f1_max = f1};
}

bool same(const RankMetrics& a, const RankMetrics& b) {
  return a.auroc == b.auroc && a.average_precision == b.average_precision && a.f1_max == b.f1_max;
}

RankMetrics accumulated(const Sample& sample) {
  RankAccumulator all;
  all.add("all", sample.scores, sample.labels);
  return all.metrics();
}

struct Picture {
  size_t width;
  std::vector<float> map;
  std::vector<uint8_t> mask;
};

/// Blobs of defects: pixels are set where a coarse random grid is, and some at random.
Picture random_picture(size_t width, size_t height, uint32_t levels, uint32_t seed) {
  Dice dice(seed);
  std::vector<bool> coarse(64);
  for (auto&& cell : coarse) cell = dice.below(6) == 0;
  Picture picture{.width = width, .map = {}, .mask = {}};
  for (size_t i = 0; i < width * height; ++i) {
    const size_t x = i % width, y = i / width;
    const bool defect = coarse[y / 3 % 8 * 8 + x / 3 % 8] || dice.below(40) == 0;
    picture.mask.push_back(defect ? static_cast<uint8_t>(1 + dice.below(255)) : 0);
    picture.map.push_back(static_cast<float>(dice.below(levels) + (defect ? levels / 3 : 0)) - 2);
  }
  return picture;
}

/// Region numbers by spreading the smallest index among neighbours until nothing changes; -1 for normal pixels.
std::vector<int> slow_regions(const Picture& picture) {
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
double slow_aupro(const std::vector<Picture>& pictures, double limit) {
  std::vector<float> thresholds;
  std::vector<std::vector<int>> labels;
  for (const Picture& picture : pictures) {
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

PixelAccumulator accumulated(const std::vector<Picture>& pictures) {
  PixelAccumulator all;
  for (const Picture& picture : pictures) all.add("picture", picture.map, picture.mask, picture.width);
  return all;
}

}  // namespace

TEST_CASE("ranking metrics equal a count of all pairs and thresholds, ties included", "[iuf][metrics]") {
  const auto levels = GENERATE(1u, 2u, 7u, 150u, 1000000u);
  const auto defects = GENERATE(3u, 50u, 97u);
  CAPTURE(levels, defects);
  const Sample sample = random_sample(400, levels, -1.5f, 2.5f, defects, levels + defects);
  const RankMetrics fast = rank_metrics(sample.scores, sample.labels), slow = slow_metrics(sample);
  REQUIRE(slow.auroc);
  CHECK(*fast.auroc == *slow.auroc);  // one division of the same two integers
  CHECK(*fast.average_precision == Approx(*slow.average_precision).epsilon(1e-13));
  CHECK(*fast.f1_max == Approx(*slow.f1_max).epsilon(1e-14));
  CHECK(same(accumulated(sample), fast));
  CHECK(auroc(sample.scores, sample.labels) == fast.auroc);
  CHECK(average_precision(sample.scores, sample.labels) == fast.average_precision);
  CHECK(f1_max(sample.scores, sample.labels) == fast.f1_max);
}

TEST_CASE("an AUROC below one half is not flipped", "[iuf][metrics]") {
  CHECK(auroc(std::vector<float>{1, 2, 3, 4}, std::vector<uint8_t>{1, 1, 0, 0}) == 0.0);
  CHECK(auroc(std::vector<float>{1, 2, 3, 4}, std::vector<uint8_t>{1, 0, 1, 0}) == 0.25);
}

TEST_CASE("equal scores rank at chance", "[iuf][metrics]") {
  const std::vector<float> scores(10, 3.5f);
  const std::vector<uint8_t> labels{1, 0, 0, 0, 0, 0, 0, 1, 0, 0};
  const RankMetrics metrics = rank_metrics(scores, labels);
  CHECK(metrics.auroc == 0.5);
  CHECK(metrics.average_precision == 0.2);
  CHECK(*metrics.f1_max == Approx(2 * 0.2 / 1.2).epsilon(1e-15));
}

TEST_CASE("ranking metrics are n/a where a class is absent", "[iuf][metrics]") {
  const auto [scores, labels] = GENERATE(Sample{{}, {}}, Sample{{1}, {0}}, Sample{{1}, {1}}, Sample{{1, 2}, {0, 0}},
                                         Sample{{1, 2, 2}, {1, 255, 1}});
  for (const RankMetrics& metrics : {rank_metrics(scores, labels), accumulated(Sample{scores, labels})}) {
    CHECK_FALSE(metrics.auroc);
    CHECK_FALSE(metrics.average_precision);
    CHECK_FALSE(metrics.f1_max);
  }
  CHECK_FALSE(RankAccumulator().metrics().auroc);
}

TEST_CASE("the order of scores is that of the numbers: negative, denormal, zero of either sign", "[iuf][metrics]") {
  constexpr float tiny = std::numeric_limits<float>::denorm_min(), most = std::numeric_limits<float>::max();
  const std::vector<float> ascending{-most, -1, -1e-38f, -2 * tiny, -tiny, 0, tiny, 2 * tiny, 1e-38f, 1, most};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      const Sample pair{{ascending[i], ascending[j]}, {0, 1}};
      const double expected = i < j ? 1 : i == j ? 0.5 : 0;
      CHECK(rank_metrics(pair.scores, pair.labels).auroc == expected);
      CHECK(accumulated(pair).auroc == expected);
    }
  }
  CHECK(accumulated(Sample{{-0.0f, 0.0f}, {0, 1}}).auroc == 0.5);
  CHECK(auroc(std::vector<float>{-0.0f, 0.0f}, std::vector<uint8_t>{1, 0}) == 0.5);
}

TEST_CASE("accumulated metrics equal sorted ones bit for bit, for lists, long lists and tables", "[iuf][metrics]") {
  // 262144 scores of one class in a bucket (all of [1, 1.0078)) become a table; 30000 stay a list.
  const auto [size, low, high] =
      GENERATE(std::make_tuple(size_t{30000}, -4.0f, 4.0f), std::make_tuple(size_t{30000}, 1.0f, 1.0078f),
               std::make_tuple(size_t{300000}, 1.0f, 1.0078f));
  const auto levels = GENERATE(3u, 5000u, 1u << 24);
  CAPTURE(size, low, levels);
  const Sample sample = random_sample(size, levels, low, high, 8, levels);
  const RankMetrics expected = rank_metrics(sample.scores, sample.labels);
  CHECK(same(accumulated(sample), expected));

  // A table merged into lists, lists into a table, lists into lists: any grouping and order.
  const auto part = [&](size_t begin, size_t end) {
    RankAccumulator accumulator;
    const auto offset = static_cast<std::ptrdiff_t>(begin);
    accumulator.add("part", std::span(sample.scores).subspan(begin, end - begin),
                    std::span(sample.labels.begin() + offset, end - begin));
    return accumulator;
  };
  const RankAccumulator a = part(0, 10), b = part(10, size - 9000), c = part(size - 9000, size);
  RankAccumulator left = a, bc = b, backwards = c;
  left.merge(b);
  left.merge(c);
  bc.merge(c);
  RankAccumulator right = a;
  right.merge(bc);
  backwards.merge(RankAccumulator());
  backwards.merge(b);
  backwards.merge(a);
  CHECK(same(left.metrics(), expected));
  CHECK(same(right.metrics(), expected));
  CHECK(same(backwards.metrics(), expected));
  CHECK(right.normal() + right.defect() == size);
}

TEST_CASE("lists that only together are long become a table when merged", "[iuf][metrics]") {
  const Sample sample = random_sample(200000, 60000, 1.0f, 1.0078f, 10, 5);
  RankAccumulator twice;
  twice.add("first", sample.scores, sample.labels);
  const RankAccumulator once = twice;
  twice.merge(once);
  Sample doubled = sample;
  doubled.scores.insert(doubled.scores.end(), sample.scores.begin(), sample.scores.end());
  doubled.labels.insert(doubled.labels.end(), sample.labels.begin(), sample.labels.end());
  CHECK(same(twice.metrics(), rank_metrics(doubled.scores, doubled.labels)));
}

TEST_CASE("a score that is not finite is an error that names the image, and nothing is added", "[iuf][metrics]") {
  const float bad = GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                             -std::numeric_limits<float>::infinity());
  const std::vector<float> scores{1, 2, bad, 3};
  const std::vector<uint8_t> labels{0, 1, 0, 1};
  RankAccumulator rank;
  CHECK_THROWS_WITH(rank.add("bottle/test/good/003.png", scores, labels),
                    Contains("bottle/test/good/003.png") && Contains("score 2 of 4"));
  CHECK(rank.normal() + rank.defect() == 0);
  PixelAccumulator pixels;
  CHECK_THROWS_WITH(pixels.add("003.png", scores, labels, 2), Contains("003.png") && Contains("score 2 of 4"));
  CHECK(pixels.regions() == 0);
  CHECK_THROWS_AS(rank_metrics(scores, labels), Error);
}

TEST_CASE("scores, labels and width that do not fit together are errors", "[iuf][metrics]") {
  const std::vector<float> scores(6, 1.0f);
  const std::vector<uint8_t> labels(5, 0);
  CHECK_THROWS_AS(rank_metrics(scores, labels), Error);
  CHECK_THROWS_WITH(RankAccumulator().add("a.png", scores, labels), Contains("a.png: 6 scores, but 5 labels"));
  CHECK_THROWS_WITH(PixelAccumulator().add("a.png", scores, labels, 5), Contains("a.png: 6 scores, but 5 labels"));
  CHECK_THROWS_WITH(PixelAccumulator().add("a.png", scores, labels, 3), Contains("a.png"));
  CHECK_THROWS_WITH(PixelAccumulator().add("a.png", scores, labels, 0), Contains("a.png"));
  CHECK_THROWS_AS(connected_regions(labels, 2), Error);
}

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
  const Picture picture = random_picture(width, height, 5, width);
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
  CHECK(pixels.regions() == 2);
  CHECK(*pixels.aupro(1.0 / 7) == Approx(0.5).epsilon(1e-14));
  CHECK(*pixels.aupro(2.0 / 7) == Approx((0.5 + 0.75) / 2).epsilon(1e-14));
  CHECK(*pixels.aupro(3.0 / 7) == Approx((0.5 + 0.75 + (0.75 + 0.875) / 2) / 3).epsilon(1e-14));
  CHECK(*pixels.aupro(1) == Approx((0.5 + 0.75 + 2 * 0.875 + 3) / 7).epsilon(1e-14));
}

TEST_CASE("AUPRO equals MVTec's curve, trapezoids and cut at the limit", "[iuf][metrics]") {
  const auto levels = GENERATE(1u, 2u, 9u, 400u, 1u << 20);
  CAPTURE(levels);
  std::vector<Picture> pictures;
  for (uint32_t seed = 0; seed < 4; ++seed)
    pictures.push_back(random_picture(11 + seed, 9, levels, 10 * levels + seed));
  std::fill(pictures[1].mask.begin(), pictures[1].mask.end(), uint8_t{0});
  const PixelAccumulator pixels = accumulated(pictures);
  for (const double limit : {0.01, 0.05, 0.3, 0.5, 1.0}) {
    CAPTURE(limit);
    CHECK(*pixels.aupro(limit) == Approx(slow_aupro(pictures, limit)).epsilon(1e-12));
  }
  Sample all;
  for (const Picture& picture : pictures) {
    all.scores.insert(all.scores.end(), picture.map.begin(), picture.map.end());
    all.labels.insert(all.labels.end(), picture.mask.begin(), picture.mask.end());
  }
  CHECK(same(pixels.rank(), rank_metrics(all.scores, all.labels)));
}

TEST_CASE("AUPRO does not depend on how the images are grouped or ordered", "[iuf][metrics]") {
  std::vector<Picture> pictures;
  for (uint32_t seed = 0; seed < 9; ++seed) pictures.push_back(random_picture(10 + seed, 8, 50, seed));
  const PixelAccumulator forward = accumulated(pictures);
  PixelAccumulator first = accumulated({pictures.begin(), pictures.begin() + 2});
  PixelAccumulator middle = accumulated({pictures.begin() + 2, pictures.begin() + 3});
  const PixelAccumulator last = accumulated({pictures.begin() + 3, pictures.end()});
  PixelAccumulator left = first, other_way = last;
  left.merge(middle);
  left.merge(last);
  other_way.merge(middle);
  other_way.merge(first);
  middle.merge(last);
  first.merge(middle);
  CHECK(left.aupro() == forward.aupro());
  CHECK(first.aupro() == forward.aupro());
  CHECK(other_way.aupro() == forward.aupro());
  CHECK(other_way.regions() == forward.regions());
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
  pixels.merge(defects);
  CHECK(pixels.aupro());
  for (const double limit : {0.0, -0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(pixels.aupro(limit), Error);
  }
}

TEST_CASE("ACC, FM and BWT of a stream worked out by hand", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a", "b"}, {"c"}, {"d"}}});
  CHECK(a.objects == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(a.learned == std::vector<size_t>{0, 0, 1, 2});
  REQUIRE(a.steps() == 3);
  a.value = {{0.9, 0.7, {}, {}}, {0.8, 0.75, 0.6, {}}, {0.85, 0.5, 0.65, 1.0}};

  const StepSummary end = summarise(a);
  CHECK(*end.acc.value == Approx((0.85 + 0.5 + 0.65 + 1.0) / 4).epsilon(1e-15));
  CHECK(*end.fm.value == Approx((0.05 + 0.25 - 0.05) / 3).epsilon(1e-14));  // the best of b came after step 2
  CHECK(*end.bwt.value == Approx((-0.05 - 0.2 + 0.05) / 3).epsilon(1e-14));
  CHECK(end.fm.used == 3);
  CHECK(end.fm.left_out == 0);

  CHECK(*acc(a, 1).value == Approx((0.8 + 0.75 + 0.6) / 3).epsilon(1e-15));
  CHECK(*fm(a, 1).value == Approx((0.1 - 0.05) / 2).epsilon(1e-14));
  CHECK(*acc(a, 0).value == Approx(0.8).epsilon(1e-15));
}

TEST_CASE("objects without a metric are left out and counted", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a", "b"}, {"c"}}});
  a.value = {{0.9, {}, {}}, {0.8, {}, 0.7}};
  const StepSummary end = summarise(a);
  CHECK(*end.acc.value == Approx(0.75).epsilon(1e-15));
  CHECK(end.acc.used == 2);
  CHECK(end.acc.left_out == 1);
  CHECK(*end.fm.value == Approx(0.1).epsilon(1e-14));
  CHECK(end.fm.used == 1);
  CHECK(end.fm.left_out == 1);
  CHECK(*end.bwt.value == Approx(-0.1).epsilon(1e-14));

  a.value = {{{}, {}, {}}, {{}, {}, {}}};
  CHECK_FALSE(summarise(a).acc.value);
  CHECK_FALSE(summarise(a).fm.value);
  CHECK(summarise(a).acc.left_out == 3);
}

TEST_CASE("forgetting is n/a with one step", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a", "b"}}});
  a.value = {{0.9, 0.8}};
  const StepSummary end = summarise(a);
  CHECK(end.acc.value);
  CHECK_FALSE(end.fm.value);
  CHECK_FALSE(end.bwt.value);
  CHECK(end.fm.used + end.fm.left_out == 0);
  CHECK_FALSE(summarise(StepMatrix()).acc.value);
}

TEST_CASE("a step matrix of unequal rows, or without the step asked for, is an error", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a"}, {"b"}}});
  CHECK_THROWS_WITH(acc(a, 2), Contains("step 3"));
  a.value[0].pop_back();
  CHECK_THROWS_AS(fm(a, 1), Error);
  a = StepMatrix(Stream{{{"a"}, {"b"}}});
  a.learned.pop_back();
  CHECK_THROWS_AS(bwt(a, 1), Error);
}
