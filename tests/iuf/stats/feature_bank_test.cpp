#include "iuf/stats/feature_bank.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/golden.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

using namespace iuf;
using Catch::Contains;

namespace {

FeatureBank random_bank(int64_t n, int64_t c) {
  FeatureBank bank{Tensor({n, c})};
  fill_normal(bank.features, 3, 1, 21);
  for (int64_t i = 0; i < n; ++i) bank.objects.push_back(i % 3);
  return bank;
}

double distance(const Tensor& a, int64_t i, const Tensor& b, int64_t j) {
  double sum = 0;
  for (int64_t c = 0; c < a.dim(1); ++c)
    sum +=
        std::pow(static_cast<double>(a.data()[i * a.dim(1) + c]) - static_cast<double>(b.data()[j * a.dim(1) + c]), 2);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("the nearest feature is the one that a search one by one finds", "[iuf][feature_bank]") {
  const FeatureBank bank = random_bank(2500, 9);  // three blocks of features, three of tokens
  Tensor tokens({300, 9});
  fill_normal(tokens, 3, 1, 22);
  std::copy_n(bank.features.data() + 2400 * 9, 9, tokens.data());  // one that is in the bank
  const FeatureBank::Nearest found = bank.nearest(tokens);
  for (int64_t t = 0; t < 300; ++t) {
    double nearest = INFINITY;
    for (int64_t f = 0; f < bank.size(); ++f) nearest = std::min(nearest, distance(tokens, t, bank.features, f));
    // The products' rounding, relative to the squared length (9 * 10), may prefer a feature that is as near within it.
    CHECK(static_cast<double>(found.distance.data()[t]) == Approx(nearest).epsilon(1e-5).margin(1e-5));
    CHECK(distance(tokens, t, bank.features, found.features[static_cast<size_t>(t)]) == Approx(nearest).epsilon(1e-5));
  }
  CHECK(found.features[0] == 2400);
  CHECK(found.distance.data()[0] == 0);
}

TEST_CASE("a token finds the same feature alone, among others and with any number of threads", "[iuf][feature_bank]") {
  const FeatureBank bank = random_bank(1500, 24);
  Tensor tokens({230, 24});
  fill_normal(tokens, 3, 1, 23);
  const int threads = thread_count();
  set_thread_count(1);
  const FeatureBank::Nearest alone = bank.nearest(tokens);
  set_thread_count(3);
  const FeatureBank::Nearest together = bank.nearest(tokens);
  set_thread_count(threads);
  CHECK(alone.features == together.features);
  check_close("distance", together.distance, alone.distance, 0);
}

TEST_CASE("neighbours start with the feature itself, votes go to the most frequent object", "[iuf][feature_bank]") {
  FeatureBank bank{Tensor({5, 1}, std::vector<real>{0, 1, 1, 3, 10}), {0, 1, 1, 2, 2}};
  CHECK(bank.neighbours(2, 3) == std::vector<int64_t>{2, 1, 0});
  CHECK(bank.neighbours(4, 9) == std::vector<int64_t>{4, 3, 1, 2, 0});
  const auto [object, share, better] =
      bank.vote(bank.nearest(Tensor({4, 1}, std::vector<real>{1.2f, 0.8f, 9, real(0.1)})));
  CHECK(object == 1);
  CHECK(share == 0.5);
}

TEST_CASE("banks join, and a damaged one is refused", "[iuf][feature_bank]") {
  FeatureBank bank;
  bank.append(random_bank(4, 2));
  bank.append(random_bank(3, 2));
  CHECK(bank.features.shape() == Shape{7, 2});
  CHECK(bank.objects == std::vector<int64_t>{0, 1, 2, 0, 0, 1, 2});
  CHECK_THROWS_WITH(bank.append(random_bank(3, 5)), Contains("2 channels"));
  CHECK_THROWS_WITH(bank.nearest(Tensor({3, 4})), Contains("2 channels"));
  SafetensorsWriter writer;
  bank.save(writer, "b.");
  const std::vector<std::byte> bytes = writer.bytes();
  const TensorFile file = parse_safetensors(bytes, "bank");
  CHECK(FeatureBank::load(file, "b.", 3).objects == bank.objects);
  CHECK_THROWS_WITH(FeatureBank::load(file, "b.", 2), Contains("object 2"));
}

TEST_CASE("features are gathered whole, or as many of every image where they are too many", "[iuf][feature_bank]") {
  const std::vector<TrainingImage> images = {{"0.png", 7, 0}, {"1.png", 8, 0}, {"2.png", 9, 0}};
  const auto load = [](const TrainingImage& image) {
    Tensor x({6, 1});
    for (int64_t i = 0; i < 6; ++i) x.data()[i] = static_cast<real>(10 * image.hash + static_cast<uint64_t>(i));
    return x;
  };
  const FeatureBank all = gather_features(images, load, 18, 1);
  REQUIRE(all.size() == 18);
  for (int64_t i = 0; i < 18; ++i) CHECK(all.features.data()[i] == static_cast<real>(70 + 10 * (i / 6) + i % 6));
  const FeatureBank some = gather_features(images, load, 13, 1);
  REQUIRE(some.size() == 12);
  for (int64_t i = 0; i < 12; ++i) CHECK(static_cast<int64_t>(some.features.data()[i]) / 10 == 7 + i / 4);
  for (int64_t i = 1; i < 12; ++i) CHECK(some.features.data()[i] > some.features.data()[i - 1]);  // none twice
  const FeatureBank other = gather_features(images, load, 13, 2);
  CHECK_FALSE(std::equal(some.features.data(), some.features.data() + 12, other.features.data()));
  const FeatureBank few = gather_features(images, load, 2, 1);
  REQUIRE(few.size() == 2);
  CHECK(static_cast<int64_t>(few.features.data()[0]) / 10 < static_cast<int64_t>(few.features.data()[1]) / 10);
}

TEST_CASE("features and tokens that are not finite are refused, by row and image", "[iuf][feature_bank]") {
  for (const double value : {NAN, INFINITY, -INFINITY}) {
    FeatureBank bank = random_bank(6, 4);
    Tensor tokens = Tensor::full({3, 4}, 1);
    tokens.data()[2 * 4] = static_cast<real>(value);
    CHECK_THROWS_WITH(bank.nearest(tokens), Contains("feature bank: tokens: row 2 holds a value that is not finite"));
    bank.features.data()[5 * 4 + 3] = static_cast<real>(value);
    CHECK_THROWS_WITH(bank.nearest(Tensor::full({3, 4}, 1)), Contains("feature bank: features: row 5 holds"));
    SafetensorsWriter writer;
    bank.save(writer, "b.");
    const std::vector<std::byte> bytes = writer.bytes();
    CHECK_THROWS_WITH(FeatureBank::load(parse_safetensors(bytes, "model"), "b.", 3),
                      Contains("model: 'b.features': row 5 holds"));
    const std::vector<TrainingImage> images = {{"good.png", 1, 0}, {"bad.png", 2, 0}};
    const auto load = [&](const TrainingImage& image) {
      return image.hash == 2 ? bank.features : random_bank(6, 4).features;
    };
    CHECK_THROWS_WITH(gather_features(images, load, 100, 7), Contains("bad.png: features: row 5 holds"));
  }
}
