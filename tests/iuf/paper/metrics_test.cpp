#include "iuf/paper/metrics.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "support/dice.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

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

  // Any grouping and order: few scores on top of a table, and a table out of few scores.
  const std::array<std::pair<size_t, size_t>, 4> parts = {
      {{0, 10}, {10, size - 9000}, {size - 9000, size}, {size, size}}};
  for (const auto& order : {std::array{0, 1, 2, 3}, {2, 1, 0, 3}, {3, 1, 2, 0}}) {
    RankAccumulator accumulator;
    for (const int p : order) {
      const auto [begin, end] = parts[static_cast<size_t>(p)];
      accumulator.add("part", std::span(sample.scores).subspan(begin, end - begin),
                      std::span(sample.labels).subspan(begin, end - begin));
    }
    CHECK(same(accumulator.metrics(), expected));
  }
}

TEST_CASE("lists that only together are long become a table", "[iuf][metrics]") {
  const Sample sample = random_sample(200000, 60000, 1.0f, 1.0078f, 10, 5);
  RankAccumulator twice;
  twice.add("first", sample.scores, sample.labels);
  twice.add("second", sample.scores, sample.labels);
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
  CHECK_FALSE(rank.metrics().auroc);
  PixelAccumulator pixels;
  CHECK_THROWS_WITH(pixels.add("003.png", scores, labels, 2), Contains("003.png") && Contains("score 2 of 4"));
  CHECK_FALSE(pixels.aupro());
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
