#include "iuf/stats/folds.h"

#include <catch2/catch.hpp>

#include "iuf/stats/feature_bank.h"
#include "iuf/stats/gaussian.h"
#include "iuf/stats/surroundings.h"
#include "support/golden.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;
using Catch::Contains;

// Statistics without a fold are those that are fitted to the other images alone.

namespace {

std::vector<Tensor> drawn_images(size_t images, int64_t positions, int64_t channels) {
  std::vector<Tensor> all;
  for (size_t n = 0; n < images; ++n) {
    all.emplace_back(Shape{positions, channels});
    fill_normal(all.back(), static_cast<real>(n % 3), 1, n + 50);
  }
  return all;
}

const std::vector<int64_t> kFolds = {1, 0, kNoFold, 2, 1, 0, 2, 2, kNoFold, 0};

std::vector<size_t> all_but(int64_t fold) {
  std::vector<size_t> images;
  for (size_t i = 0; i < kFolds.size(); ++i)
    if (kFolds[i] != fold) images.push_back(i);
  return images;
}

}  // namespace

TEST_CASE("folds are counted, and their images taken in turn", "[iuf][folds]") {
  CHECK(fold_count({}) == 0);
  CHECK(fold_count({kNoFold, kNoFold}) == 0);
  CHECK(fold_count(kFolds) == 3);
  CHECK(by_fold(kFolds) == std::vector<size_t>{1, 5, 9, 0, 4, 3, 6, 7, 2, 8});
  CHECK_THROWS_WITH(fold_count({0, 2}), Contains("no image is in fold 1"));
  CHECK_THROWS_WITH(fold_count({0, 0}), Contains("no image is left"));
  CHECK_THROWS_WITH(fold_count({-2}), Contains("fold -2"));
}

TEST_CASE("a Gaussian without a fold is that of the others", "[iuf][folds]") {
  const std::vector<Tensor> images = drawn_images(kFolds.size(), 30, 4);
  GaussianFit all(4);
  for (size_t i = 0; i < images.size(); ++i) all.add(images[i], kFolds[i]);
  for (int64_t fold = kNoFold; fold < 3; ++fold) {
    GaussianFit others(4);
    for (const size_t i : fold == kNoFold ? std::vector<size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9} : all_but(fold))
      others.add(images[i]);
    const Gaussian got = all.finish(0.01, fold), expected = others.finish(0.01);
    check_close("mean", got.mean, expected.mean, 1e-6);
    check_close("whitener", got.whitener, expected.whitener, 1e-5);
  }
}

TEST_CASE("surroundings without a fold are nearly those that are fitted to the others", "[iuf][folds]") {
  // W and B of all images stand for those of the others, and the moments are about another mean.
  std::vector<Tensor> images = drawn_images(kFolds.size(), 64, 3);
  Tensor look({64, 3});
  fill_normal(look, 0, 2, 7);
  for (Tensor& image : images)
    for (int64_t i = 0; i < image.size(); ++i) image.data()[i] += look.data()[i];
  const SurroundingsOptions options{.components = 2};
  std::vector<Tensor> unseen(images.size());
  const auto local = [&](size_t i) { return images[i]; };
  const auto keep = [&](size_t i, const Tensor& distance) { unseen[i] = distance; };
  const Surroundings with_folds =
      fit_surroundings({.images = images.size(), .local = local, .options = options, .folds = kFolds, .unseen = keep});
  const Surroundings alone = fit_surroundings({.images = images.size(), .local = local, .options = options});
  check_close("mean", with_folds.mean, alone.mean, 1e-5);
  check_close("weight", with_folds.weight, alone.weight, 1e-4);
  check_close("variance", with_folds.variance, alone.variance, 1e-4);
  double nearer = 0, farther = 0, seen = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    CHECK(unseen[i].defined() == (kFolds[i] != kNoFold));
    if (kFolds[i] == kNoFold) continue;
    const std::vector<size_t> others = all_but(kFolds[i]);
    const Tensor exact =
        fit_surroundings(
            {.images = others.size(), .local = [&](size_t k) { return images[others[k]]; }, .options = options})
            .distance(images[i]);
    const Tensor own = alone.distance(images[i]);
    for (int64_t p = 0; p < exact.size(); ++p) {
      nearer += std::abs(static_cast<double>(unseen[i].data()[p] - exact.data()[p]));
      farther += std::abs(static_cast<double>(own.data()[p] - exact.data()[p]));
      seen += static_cast<double>(exact.data()[p] - own.data()[p]);
    }
  }
  CHECK(seen > 0);                // what has seen an image finds it more usual
  CHECK(nearer < 0.2 * farther);  // and folds show nearly all of that
}

TEST_CASE("a bank without a fold holds the others' features", "[iuf][folds]") {
  FeatureBank bank{Tensor({6, 2}), {0, 0, 1, 1, 0, 1}, {0, 1, 0, 1, 0, kNoFold}};
  for (int64_t i = 0; i < 12; ++i) bank.features.data()[i] = static_cast<real>(i / 2);
  const FeatureBank others = bank.without(0, 0);
  CHECK(others.objects == std::vector<int64_t>{0, 1, 1, 1});
  CHECK(others.folds == std::vector<int64_t>{1, 0, 1, kNoFold});
  CHECK(others.features.data()[0] == 1);
  FeatureBank stored{bank.features, bank.objects};
  CHECK(stored.without(0, 0).size() == 6);
  stored.append(bank);
  CHECK(stored.folds.size() == 12);
  CHECK(stored.without(1, 1).size() == 11);
}
