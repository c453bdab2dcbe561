#include "iuf/paper/binned_pixels.h"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "support/dice.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

struct Picture {
  int width, height;
  std::vector<float> map;
  Image mask;
};

/// Defects in blobs and single pixels; scores on many values, higher on two of three defects.
Picture random_picture(int width, int height, float spread, uint32_t seed) {
  Dice dice(seed);
  Picture picture{width, height, {}, blank_image(width, height, 1)};
  std::vector<bool> coarse(64);
  for (auto&& cell : coarse) cell = dice.below(6) == 0;
  for (int i = 0; i < width * height; ++i) {
    const auto x = static_cast<size_t>(i % width), y = static_cast<size_t>(i / width);
    const bool defect = coarse[y / 4 % 8 * 8 + x / 4 % 8] || dice.below(60) == 0;
    picture.mask.pixels[static_cast<size_t>(i)] = defect ? 255 : 0;
    const auto score = static_cast<float>(dice.below(1u << 24)) / (1u << 24);
    picture.map.push_back(1 + spread * score + (defect && x % 3 ? spread / 2 : 0));
  }
  return picture;
}

std::vector<Picture> random_pictures(float spread) {
  std::vector<Picture> pictures;
  for (uint32_t seed = 0; seed < 6; ++seed)
    pictures.push_back(random_picture(40 + 3 * static_cast<int>(seed), 33, spread, seed));
  std::ranges::fill(pictures[2].mask.pixels, uint8_t{0});
  return pictures;
}

void add(BinnedPixels& pixels, const Picture& picture) {
  const Stretch map(picture.map, picture.width, picture.height, picture.width, picture.height);
  const DefectMask mask = drawn_mask(picture.mask);
  pixels.add("picture", map, &mask);
}

/// With the low bits of every score cleared; without, the exact figures.
PixelAccumulator exact(const std::vector<Picture>& pictures, uint32_t kept_bits = 0xFFFFFFFF) {
  PixelAccumulator all;
  for (Picture picture : pictures) {
    for (float& score : picture.map) score = std::bit_cast<float>(std::bit_cast<uint32_t>(score) & kept_bits);
    all.add("picture", picture.map, picture.mask.pixels, static_cast<size_t>(picture.width));
  }
  return all;
}

/// How far bins can shift each figure, as the header derives it, from lists of all pixels.
struct Deviation {
  double auroc = 0, ap = 0, f1 = 0, aupro = 0;
};
Deviation largest_deviation(const std::vector<Picture>& pictures, double limit) {
  struct Counts {
    double normal = 0, defect = 0, overlap = 0;
  };
  std::map<uint32_t, Counts, std::greater<>> bins;  // positive floats are ordered as their bits
  double normals = 0, defects = 0, regions = 0;
  for (const Picture& picture : pictures) {
    const auto bin = [&](size_t pixel) -> Counts& { return bins[std::bit_cast<uint32_t>(picture.map[pixel]) >> 10]; };
    for (size_t i = 0; i < picture.map.size(); ++i) {
      (picture.mask.pixels[i] ? bin(i).defect : bin(i).normal) += 1;
      (picture.mask.pixels[i] ? defects : normals) += 1;
    }
    const Regions found = connected_regions(picture.mask.pixels, static_cast<size_t>(picture.width));
    for (size_t r = 0, begin = 0; r < found.end.size(); begin = found.end[r++], ++regions)
      for (size_t i = begin; i < found.end[r]; ++i)
        bin(found.pixels[i]).overlap += 1 / static_cast<double>(found.end[r] - begin);
  }
  Deviation most;
  double tp = 0, fp = 0, f1 = 0, f1_reachable = 0;
  for (const auto& [key, b] : bins) {
    most.auroc += b.normal / normals * (b.defect / defects) / 2;
    if (fp < limit * normals) {
      const bool crosses = fp + b.normal > limit * normals;
      most.aupro += b.normal / normals * (b.overlap / regions) / (crosses ? limit : 2 * limit);
    }
    if (b.defect > 0) {
      const double used = (tp + b.defect) / (tp + b.defect + fp + b.normal);
      const double least = tp / (tp + fp + b.normal), greatest = (tp + b.defect) / (tp + b.defect + fp);
      most.ap += b.defect / defects * std::max(used - least, greatest - used);
      f1 = std::max(f1, 2 * (tp + b.defect) / (tp + b.defect + fp + b.normal + defects));
      f1_reachable = std::max(f1_reachable, 2 * (tp + b.defect) / (tp + b.defect + fp + defects));
    }
    tp += b.defect;
    fp += b.normal;
  }
  most.f1 = f1_reachable - f1;
  return most;
}

bool same(const BinnedPixels& a, const BinnedPixels& b) {
  const RankMetrics x = a.rank(), y = b.rank();
  return x.auroc == y.auroc && x.average_precision == y.average_precision && x.f1_max == y.f1_max &&
         a.aupro() == b.aupro();
}

}  // namespace

TEST_CASE("binned pixel figures are exactly those of the scores cut to 13 bits", "[iuf][metrics][binned]") {
  const auto spread = GENERATE(1e-6f, 1e-3f, 2.0f, 1000.0f);
  CAPTURE(spread);
  const std::vector<Picture> pictures = random_pictures(spread);
  BinnedPixels binned;
  for (const Picture& picture : pictures) add(binned, picture);
  const PixelAccumulator cut = exact(pictures, ~uint32_t{0x3FF});
  CHECK(binned.rank().auroc == cut.rank().auroc);
  CHECK(binned.rank().average_precision == cut.rank().average_precision);
  CHECK(binned.rank().f1_max == cut.rank().f1_max);
  for (const double limit : {0.01, 0.3, 1.0}) CHECK(*binned.aupro(limit) == Approx(*cut.aupro(limit)).epsilon(1e-9));
}

TEST_CASE("binned pixel figures deviate from exact ones by no more than the header derives", "[iuf][metrics][binned]") {
  const auto spread = GENERATE(1e-5f, 1e-3f, 0.05f, 2.0f, 1000.0f);
  const auto limit = GENERATE(0.02, 0.3, 1.0);
  CAPTURE(spread, limit);
  const std::vector<Picture> pictures = random_pictures(spread);
  BinnedPixels binned;
  for (const Picture& picture : pictures) add(binned, picture);
  const PixelAccumulator all = exact(pictures);
  const RankMetrics got = binned.rank(), truth = all.rank();
  const Deviation most = largest_deviation(pictures, limit);
  constexpr double rounding = 1e-9;
  CHECK(std::abs(*got.auroc - *truth.auroc) <= most.auroc + rounding);
  CHECK(std::abs(*got.average_precision - *truth.average_precision) <= most.ap + rounding);
  CHECK(*got.f1_max <= *truth.f1_max + rounding);
  CHECK(*truth.f1_max - *got.f1_max <= most.f1 + rounding);
  CHECK(std::abs(*binned.aupro(limit) - *all.aupro(limit)) <= most.aupro + rounding);
  // Spread over more than a factor of 2, as maps are, the bounds mean something.
  if (spread >= 2) {
    CHECK(most.auroc < 2e-4);
    CHECK(std::abs(*got.auroc - *truth.auroc) < 2e-5);
    CHECK(std::abs(*binned.aupro(limit) - *all.aupro(limit)) < 1e-3);
  }
}

TEST_CASE("binned pixel figures depend neither on the order of images nor on their split", "[iuf][metrics][binned]") {
  const std::vector<Picture> pictures = random_pictures(3);
  BinnedPixels forward, backward, even, odd;
  for (const Picture& picture : pictures) add(forward, picture);
  for (auto picture = pictures.rbegin(); picture != pictures.rend(); ++picture) add(backward, *picture);
  for (size_t i = 0; i < pictures.size(); ++i) add(i % 2 ? odd : even, pictures[i]);
  CHECK(same(forward, backward));
  odd.add(even);
  CHECK(same(forward, odd));
  CHECK(odd.normal() == forward.normal());
  CHECK(odd.regions() == forward.regions());
}

TEST_CASE("500 million pixels and all finite scores stay within the bound of memory", "[iuf][metrics][binned]") {
  BinnedPixels pixels;
  for (const Picture& picture : random_pictures(3)) add(pixels, picture);
  const size_t before = pixels.bytes();
  CHECK(before < size_t{2} << 20);
  const RankMetrics once = pixels.rank();
  const double aupro = *pixels.aupro();
  while (pixels.normal() < 500'000'000) pixels.add(pixels);
  CHECK(pixels.bytes() == before);
  CHECK(pixels.rank().auroc == once.auroc);
  CHECK(*pixels.aupro() == Approx(aupro).epsilon(1e-12));

  // Every range of bins, of normal and of defect pixels.
  std::vector<float> map;
  for (uint32_t high = 0; high < 1u << 12; ++high)
    if (const auto score = std::bit_cast<float>(high << 20 | 0x80000); std::isfinite(score) && std::abs(score) < 1e38f)
      map.push_back(score);
  const auto width = static_cast<int>(map.size());
  Picture all{width, 1, map, blank_image(width, 1, 1)};
  add(pixels, all);
  std::ranges::fill(all.mask.pixels, uint8_t{255});
  add(pixels, all);
  CHECK(pixels.bytes() > size_t{100} << 20);
  CHECK(pixels.bytes() <= size_t{128} << 20);
}

TEST_CASE("negative scores, zero of either sign and denormals are binned in their order", "[iuf][metrics][binned]") {
  constexpr float tiny = std::numeric_limits<float>::denorm_min();
  const std::vector<float> ascending{-1e37f, -1, -1e-38f, 0, 1e-38f, 1, 1e37f};
  const auto auroc_of = [](float normal, float defect) {
    Picture pair{2, 1, {normal, defect}, blank_image(2, 1, 1)};
    pair.mask.pixels[1] = 1;
    BinnedPixels pixels;
    add(pixels, pair);
    return *pixels.rank().auroc;
  };
  for (size_t i = 0; i < ascending.size(); ++i)
    for (size_t j = 0; j < ascending.size(); ++j)
      CHECK(auroc_of(ascending[i], ascending[j]) == (i < j ? 1 : i == j ? 0.5 : 0));
  CHECK(auroc_of(-0.0f, 0.0f) == 0.5);
  CHECK(auroc_of(0, tiny) == 0.5);  // one bin
}

TEST_CASE("a map that cannot be counted is an error that names the image, and nothing is added",
          "[iuf][metrics][binned]") {
  const float bad = GENERATE(std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                             std::numeric_limits<float>::quiet_NaN(), 2e38f);
  BinnedPixels pixels;
  const std::vector<float> map{1, 2, bad, 4};
  CHECK_THROWS_WITH(pixels.add("a/003.png", Stretch(map, 2, 2, 7, 5), nullptr),
                    Contains("a/003.png") && Contains("score 2 of 4"));
  const std::vector<float> good{1, 2, 3, 4};
  const DefectMask other = drawn_mask(blank_image(4, 4, 1));
  CHECK_THROWS_WITH(pixels.add("a/003.png", Stretch(good, 2, 2, 7, 5), &other), Contains("a/003.png"));
  CHECK(pixels.normal() == 0);
  CHECK_FALSE(pixels.rank().auroc);
  CHECK_FALSE(pixels.aupro());
}

TEST_CASE("binned AUPRO is n/a without a region or a normal pixel; a limit outside (0, 1] is an error",
          "[iuf][metrics][binned]") {
  BinnedPixels pixels;
  const std::vector<float> map{1, 2, 3, 4};
  pixels.add("good", Stretch(map, 2, 2, 2, 2), nullptr);
  CHECK_FALSE(pixels.aupro());
  BinnedPixels defects;
  Picture all{2, 2, map, blank_image(2, 2, 1)};
  std::ranges::fill(all.mask.pixels, uint8_t{1});
  add(defects, all);
  CHECK_FALSE(defects.aupro());
  pixels.add(defects);
  CHECK(pixels.aupro());
  for (const double limit : {0.0, -0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(pixels.aupro(limit), Error);
}
