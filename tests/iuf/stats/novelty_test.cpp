#include "iuf/stats/novelty.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "iuf/stats/threshold.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr size_t kChannels = 5;

// Channel moments of images that differ a little: means near 1 ... 5, deviations near 1.
std::vector<Tensor> some_images(size_t count, uint64_t key) {
  std::vector<Tensor> images;
  for (size_t i = 0; i < count; ++i) {
    Tensor t({2 * kChannels});
    fill_normal(t, 0, real(0.2), mix_key(key, i));
    for (size_t c = 0; c < kChannels; ++c) {
      t.data()[c] += static_cast<real>(c + 1);
      t.data()[kChannels + c] = std::abs(t.data()[kChannels + c] + 1);
    }
    images.push_back(t);
  }
  return images;
}

using Rows = std::vector<std::vector<double>>;

Rows rows_of(const std::vector<Tensor>& images) {
  Rows rows;
  for (const Tensor& t : images) rows.emplace_back(t.data(), t.data() + t.size());
  return rows;
}

// The definition, value by value.
double slow_distance(const Rows& normal, const std::vector<double>& image) {
  const auto n = static_cast<double>(normal.size());
  std::vector<double> all_variance(kChannels);
  double mean_all = 0;
  for (size_t c = 0; c < kChannels; ++c) {
    double mean = 0, second = 0;
    for (const auto& row : normal) mean += row[c] / n;
    for (const auto& row : normal) second += (row[c] * row[c] + std::pow(row[kChannels + c], 2)) / n;
    all_variance[c] = second - mean * mean;
    mean_all += all_variance[c] / kChannels;
  }
  const auto value = [&](const std::vector<double>& row, size_t kind, size_t c) {
    const double scale = std::sqrt(all_variance[c] + 0.01 * mean_all);
    return kind == 0 ? row[c] / scale : std::log(row[kChannels + c] / scale + 0.02);
  };
  double total = 0;
  for (size_t kind = 0; kind < 2; ++kind) {
    std::vector<double> means(kChannels), variances(kChannels);
    double pooled = 0;
    for (size_t c = 0; c < kChannels; ++c) {
      for (const auto& row : normal) means[c] += value(row, kind, c) / n;
      for (const auto& row : normal) variances[c] += std::pow(value(row, kind, c) - means[c], 2) / (n - 1);
      pooled += variances[c] / kChannels;
    }
    for (size_t c = 0; c < kChannels; ++c) {
      const double variance = ((n - 1) * variances[c] + 5 * pooled) / (n + 4) * (1 + 1 / n) + 0.01;
      total += std::pow(value(image, kind, c) - means[c], 2) / variance;
    }
  }
  return std::sqrt(total / (2 * kChannels));
}

double slow_novelty(const Rows& normal, const std::vector<double>& image) {
  const auto n = static_cast<double>(normal.size());
  const size_t folds = std::min<size_t>(10, normal.size());
  std::vector<double> logs;
  double largest = 0, mean = 0, squares = 0;
  for (size_t i = 0; i < normal.size(); ++i) {
    Rows others;
    for (size_t k = 0; k < normal.size(); ++k)
      if (k % folds != i % folds) others.push_back(normal[k]);
    const double d = slow_distance(others, normal[i]);
    largest = std::max(largest, d);
    logs.push_back(std::log(std::max(d, 0.5)));
  }
  for (const double l : logs) mean += l / n;
  for (const double l : logs) squares += (l - mean) * (l - mean);
  const double deviation = std::sqrt((squares + 8 * 0.2 * 0.2) / (n + 7));
  const double next = std::exp(mean + student_quantile(0.999, static_cast<int64_t>(normal.size()) + 7) * deviation *
                                          std::sqrt(1 + 1 / n));
  return slow_distance(normal, image) / std::max({next, 1.3 * largest, 1.5});
}

}  // namespace

TEST_CASE("novelty: channel moments are the mean and the deviation of every channel", "[iuf][novelty]") {
  Tensor tokens({3, 2});
  const real values[] = {1, 10, 2, 10, 6, 10};
  std::copy_n(values, 6, tokens.data());
  const Tensor m = channel_moments(tokens);
  CHECK(m.shape() == Shape{4});
  CHECK(m.data()[0] == Approx(3));
  CHECK(m.data()[1] == Approx(10));
  CHECK(m.data()[2] == Approx(std::sqrt(14.0 / 3)));
  CHECK(m.data()[3] == 0);
  CHECK_THROWS_WITH(channel_moments(Tensor::zeros({0, 2})), Contains("[0, 2]"));
}

TEST_CASE("novelty: the detector computes its definition", "[iuf][novelty]") {
  for (const size_t count : {4, 7, 10, 23}) {
    const std::vector<Tensor> normal = some_images(count, 1);
    const auto detector = NoveltyDetector::fit(normal);
    REQUIRE(detector);
    for (const Tensor& image : some_images(5, 2)) {
      INFO(count << " images");
      CHECK((*detector)(image) == Approx(slow_novelty(rows_of(normal), rows_of({image}).front())).epsilon(1e-4));
    }
  }
}

TEST_CASE("novelty: normal images stay below 1 with few images and many, too little and too much do not",
          "[iuf][novelty]") {
  for (const size_t count : {4, 5, 10, 50}) {
    const auto detector = NoveltyDetector::fit(some_images(count, 3));
    REQUIRE(detector);
    int above = 0;
    for (const Tensor& image : some_images(1000, 4)) above += (*detector)(image) > 1;
    INFO(count << " images, " << above << " of 1000 above 1");
    CHECK(above <= 5);
    for (const double factor : {0.0, 0.02, 10.0}) {
      Tensor image = some_images(1, 5).front();
      for (size_t c = kChannels; c < 2 * kChannels; ++c) image.data()[c] *= static_cast<real>(factor);
      CHECK((*detector)(image) > 1);
    }
  }
}

TEST_CASE("novelty: images that are all alike leave room for one that differs as little as light and focus do",
          "[iuf][novelty]") {
  const std::vector<Tensor> same(6, some_images(1, 6).front());
  const auto detector = NoveltyDetector::fit(same);
  REQUIRE(detector);
  CHECK((*detector)(same.front()) < 1e-5);
  Tensor near = same.front().clone(), far = same.front().clone();
  for (real& v : near.span()) v *= real(1.02);
  for (real& v : far.span()) v *= real(2);
  CHECK((*detector)(near) < 1);
  CHECK((*detector)(far) > 1);
  // Channels that never answer, in all images.
  const std::vector<Tensor> dead(6, Tensor::zeros({2 * kChannels}));
  CHECK((*NoveltyDetector::fit(dead))(dead.front()) < 1e-5);
  CHECK((*NoveltyDetector::fit(dead))(same.front()) > 1);
}

TEST_CASE("novelty: too few images and broken ones have no detector", "[iuf][novelty]") {
  CHECK_FALSE(NoveltyDetector::fit({}));
  CHECK_FALSE(NoveltyDetector::fit(some_images(3, 7)));
  std::vector<Tensor> images = some_images(8, 7);
  CHECK_THROWS_WITH((*NoveltyDetector::fit(images))(Tensor::zeros({8})), Contains("[8]") && Contains("[10]"));
  for (const real bad : {std::numeric_limits<real>::quiet_NaN(), std::numeric_limits<real>::infinity()}) {
    images[3].data()[2] = bad;
    CHECK_THROWS_WITH(NoveltyDetector::fit(images), Contains("not finite"));
    CHECK_FALSE(std::isfinite((*NoveltyDetector::fit(some_images(8, 7)))(images[3])));
  }
}

TEST_CASE("novelty: a detector is what was saved, and a damaged one is refused", "[iuf][novelty]") {
  const TemporaryFolder folder;
  const auto detector = NoveltyDetector::fit(some_images(9, 8));
  SafetensorsWriter writer;
  detector->save(writer, "novelty.0.");
  writer.write(folder / "whole");
  const TensorFile whole = read_safetensors(folder / "whole");
  for (const Tensor& image : some_images(3, 9))
    CHECK((*NoveltyDetector::load(whole, "novelty.0."))(image) == (*detector)(image));
  CHECK_FALSE(NoveltyDetector::load(whole, "novelty.1."));
  for (const std::string part : {"scale", "mean", "deviation", "limit"})
    for (const real bad : {std::numeric_limits<real>::quiet_NaN(), std::numeric_limits<real>::infinity(), real(-1)}) {
      if (part == "mean" && bad == -1) continue;
      SafetensorsWriter changed;
      for (const std::string& name : whole.names()) {
        Tensor t = whole.tensor(name).clone();
        if (name == "novelty.0." + part) t.data()[0] = bad;
        changed.add(name, t);
      }
      changed.write(folder / "changed");
      CHECK_THROWS_WITH(NoveltyDetector::load(read_safetensors(folder / "changed"), "novelty.0."),
                        Contains("changed") && Contains("damaged"));
    }
}

TEST_CASE("a detector that more images join is that of all of them, in the units of the first", "[iuf][novelty]") {
  const std::vector<Tensor> first = some_images(12, 3), more = some_images(7, 5);
  std::vector<Tensor> all = first;
  all.insert(all.end(), more.begin(), more.end());
  const NoveltyDetector before = *NoveltyDetector::fit(first);
  const NoveltyDetector joined = NoveltyDetector::extended(before, first.size(), more);
  // Apart from the units, which differ by what 7 of 19 images change of a deviation, and the limit.
  const NoveltyDetector once = *NoveltyDetector::fit(all);
  const std::vector<Tensor> others = some_images(20, 11);
  std::vector<double> ratios;
  for (const Tensor& image : others) ratios.push_back(joined(image) / once(image));
  std::ranges::sort(ratios);
  CHECK(ratios.back() / ratios.front() < 1.1);
  // Nothing changes by images that say nothing new but their number.
  const NoveltyDetector twice = NoveltyDetector::extended(before, first.size(), first);
  for (const Tensor& image : others) CHECK(twice(image) == Approx(before(image)).epsilon(0.1));
  // Images of another kind become usual.
  std::vector<Tensor> shifted = some_images(12, 9);
  for (Tensor& image : shifted)
    for (size_t c = 0; c < kChannels; ++c) image.data()[c] += 2;
  const NoveltyDetector wider = NoveltyDetector::extended(before, first.size(), shifted);
  for (const Tensor& image : shifted) {
    CHECK(before(image) > 1);
    CHECK(wider(image) < 1);
  }
  for (const Tensor& image : first) CHECK(wider(image) < 1);
  CHECK_NOTHROW(NoveltyDetector::extended(before, first.size(), {more[0]}));
}
