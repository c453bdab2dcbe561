// Pixel figures counted masks that were shrunk first: a thin scratch fell into many regions and outvoted the others, a
// small defect vanished and its pixels counted as normal.
#include "iuf/run/pixel_figures.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/features/features.h"
#include "iuf/image/resize.h"
#include "iuf/run/variants.h"
#include "iuf/settings/settings.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Kind = MetricsSize::Kind;

namespace {

constexpr int kMap = 224;

struct Case {
  Image mask;
  bool found;
};

/// The map that sees a defect's place, blurred over a few of its pixels, or nothing at all; with some noise.
std::vector<float> map_of(const Case& test, uint32_t number) {
  std::vector<float> map(kMap * kMap);
  for (size_t i = 0; i < map.size(); ++i)
    map[i] = 1 + 0.2f * static_cast<float>((i * 2654435761u + number * 977u) % 1000) / 1000;
  if (!test.found) return map;
  const Regions regions = connected_regions(test.mask.pixels, static_cast<size_t>(test.mask.width));
  for (const uint32_t pixel : regions.pixels) {
    const int x = static_cast<int>(pixel) % test.mask.width * kMap / test.mask.width;
    const int y = static_cast<int>(pixel) / test.mask.width * kMap / test.mask.height;
    for (int v = std::max(0, y - 2); v <= std::min(kMap - 1, y + 2); ++v)
      for (int u = std::max(0, x - 2); u <= std::min(kMap - 1, x + 2); ++u) map[static_cast<size_t>(v * kMap + u)] = 5;
  }
  return map;
}

PixelFigures::Result measure(const std::vector<Case>& cases, const MetricsSize& size) {
  PixelFigures figures(size, kMap);
  parallel_for(static_cast<int64_t>(cases.size()), 1, [&](int64_t i, int64_t) {
    const Case& test = cases[static_cast<size_t>(i)];
    const std::vector<float> map = map_of(test, static_cast<uint32_t>(i));
    figures.add("image", map, test.mask.width, test.mask.height, &test.mask);
  });
  return figures.result();
}

/// A slanting curve across most of the picture, `thick` pixels wide.
Image scratch(int width, int height, int thick, int number) {
  Image mask = blank_image(width, height, 1);
  for (int i = 0; i < 4 * width; ++i) {
    const double t = static_cast<double>(i) / (4 * width);
    const int x = static_cast<int>((0.1 + 0.8 * t) * width);
    const int y = static_cast<int>((0.3 + 0.1 * number + 0.25 * t + 0.05 * std::sin(9 * t)) * height);
    for (int v = y; v < std::min(height, y + thick); ++v)
      for (int u = x; u < std::min(width, x + thick); ++u)
        mask.pixels[static_cast<size_t>(v) * static_cast<size_t>(width) + static_cast<size_t>(u)] = 255;
  }
  return mask;
}

Image blob(int width, int height, int x, int y, int size_x, int size_y) {
  Image mask = blank_image(width, height, 1);
  for (int v = y; v < y + size_y; ++v)
    for (int u = x; u < x + size_x; ++u)
      mask.pixels[static_cast<size_t>(v) * static_cast<size_t>(width) + static_cast<size_t>(u)] = 255;
  return mask;
}

size_t regions(const Image& mask) {
  return connected_regions(mask.pixels, static_cast<size_t>(mask.width)).end.size();
}

}  // namespace

TEST_CASE("each scratch is one vote, however thin, wherever it is counted", "[issues][pixel_figures]") {
  const auto thick = GENERATE(1, 2, 3, 5);
  const auto [width, height] = GENERATE(std::make_pair(1024, 1024), std::make_pair(1400, 500), std::make_pair(150, 90));
  const auto size = GENERATE(MetricsSize{Kind::photograph}, MetricsSize{Kind::grid, 224}, MetricsSize{Kind::grid, 512});
  CAPTURE(thick, width, height, size.side);
  std::vector<Case> cases;
  for (int i = 0; i < 3; ++i) {
    cases.push_back({scratch(width, height, thick, i), true});
    cases.push_back({blob(width, height, width / 2 + 20 * i, height / 3, 40, 20), false});
    REQUIRE(regions(cases[cases.size() - 2].mask) == 1);
  }
  // Of six defects three are seen and three look like the rest: 1 for the former, a line from 0 for the latter.
  const double expected = (1 + 0.15) / 2;
  CHECK(std::abs(*measure(cases, size).aupro - expected) < 0.1);
}

TEST_CASE("masks a little wider change AUPRO a little", "[issues][pixel_figures]") {
  const auto thick = GENERATE(1, 2, 3);
  CAPTURE(thick);
  std::vector<Case> drawn, wide;
  for (int i = 0; i < 4; ++i) {
    drawn.push_back({scratch(1024, 1024, thick, i), i % 2 == 0});
    wide.push_back({scratch(1024, 1024, thick + 2, i), i % 2 == 0});
    for (auto* cases : {&drawn, &wide}) cases->push_back({blob(1024, 1024, 80 + 20 * i, 60, 90, 50), i % 2 == 1});
  }
  for (const MetricsSize& size : {MetricsSize{Kind::photograph}, MetricsSize{Kind::grid, 224}})
    CHECK(std::abs(*measure(drawn, size).aupro - *measure(wide, size).aupro) < 0.05);
}

TEST_CASE("no defect is too small to count", "[issues][pixel_figures]") {
  // 12 pixels, a single one, and such as no pixel centre of the map's grid falls into.
  const auto [size_x, size_y] = GENERATE(std::make_pair(4, 3), std::make_pair(1, 1), std::make_pair(12, 1));
  const auto [x, y] = GENERATE(std::make_pair(512, 512), std::make_pair(0, 0), std::make_pair(1012, 1020));
  const auto size = GENERATE(MetricsSize{Kind::photograph}, MetricsSize{Kind::grid, 224}, MetricsSize{Kind::grid, 16});
  CAPTURE(size_x, size_y, x, size.side);
  const Image mask = blob(1024, 1024, x, y, size_x, size_y);
  const PixelFigures::Result seen = measure({{mask, true}}, size), missed = measure({{mask, false}}, size);
  REQUIRE(seen.aupro);
  REQUIRE(missed.aupro);
  CHECK(*seen.rank.auroc > 0.99);
  CHECK(*seen.aupro > 0.98);
  CHECK(*missed.aupro < *seen.aupro);
}

TEST_CASE("a small defect that touches nothing weighs as much as a large one", "[issues][pixel_figures]") {
  const std::vector<Case> small_seen = {{blob(900, 600, 100, 100, 1, 1), true},
                                        {blob(900, 600, 300, 200, 200, 90), false}};
  const std::vector<Case> large_seen = {{blob(900, 600, 100, 100, 1, 1), false},
                                        {blob(900, 600, 300, 200, 200, 90), true}};
  for (const MetricsSize& size : {MetricsSize{Kind::photograph}, MetricsSize{Kind::grid, 64}})
    for (const auto& cases : {small_seen, large_seen}) {
      const double aupro = *measure(cases, size).aupro;
      CHECK(aupro > 0.45);
      CHECK(aupro < 0.85);
    }
}

TEST_CASE("the published way is still there by its name: the mask is shrunk by nearest neighbour first",
          "[issues][pixel_figures]") {
  const std::vector<Case> vanishing = {{blob(1024, 1024, 512, 512, 1, 1), true}};
  CHECK_FALSE(measure(vanishing, {Kind::published}).aupro);
  std::vector<Case> cases;
  PixelAccumulator expected;
  for (int i = 0; i < 4; ++i) {
    cases.push_back({scratch(1024, 1024, 3, i), i % 2 == 0});
    expected.add("image", map_of(cases.back(), static_cast<uint32_t>(i)),
                 resize_nearest(cases.back().mask, kMap, kMap).pixels, kMap);
  }
  const PixelFigures::Result got = measure(cases, {Kind::published});
  CHECK(got.aupro == expected.aupro());
  CHECK(got.rank.auroc == expected.rank().auroc);
  CHECK(got.rank.average_precision == expected.rank().average_precision);
}

TEST_CASE("pixel figures are the same for any number of threads and images in any order", "[issues][pixel_figures]") {
  const auto size = GENERATE(MetricsSize{Kind::photograph}, MetricsSize{Kind::grid, 100}, MetricsSize{Kind::published});
  std::vector<Case> cases;
  for (int i = 0; i < 9; ++i) cases.push_back({scratch(300 + 10 * i, 200, 2 + i % 3, i % 4), i % 2 == 0});
  const int threads = thread_count();
  std::vector<PixelFigures::Result> results;
  for (const int count : {1, 2, 5}) {
    set_thread_count(count);
    results.push_back(measure(cases, size));
  }
  set_thread_count(threads);
  for (const PixelFigures::Result& result : results) {
    CHECK(result.aupro == results[0].aupro);
    CHECK(result.rank.auroc == results[0].rank.auroc);
    CHECK(result.rank.average_precision == results[0].rank.average_precision);
    CHECK(result.rank.f1_max == results[0].rank.f1_max);
  }
}

TEST_CASE("several masks of an image are united; one of another size is an error that names it",
          "[issues][pixel_figures]") {
  TemporaryFolder folder;
  const Image left = blob(60, 40, 3, 3, 5, 5), right = blob(60, 40, 30, 20, 8, 2);
  write_png(folder / "left.png", left);
  write_png(folder / "right.png", right);
  write_png(folder / "small.png", blank_image(59, 40, 1));
  const MaskedPhoto photo = masked_photo(ImageFacts{.width = 60, .height = 40});
  const Image both = united_mask({folder / "left.png", folder / "right.png"}, photo).image;
  CHECK(both.channels == 1);
  CHECK(std::ranges::count_if(both.pixels, [](uint8_t p) { return p != 0; }) == 25 + 16);
  CHECK(regions(both) == 2);
  CHECK(shows_defect(both));
  CHECK_FALSE(shows_defect(blank_image(3, 3, 1)));
  CHECK_THROWS_WITH(united_mask({folder / "left.png", folder / "small.png"}, photo),
                    Contains("small.png") && Contains("59 x 40") && Contains("60 x 40"));
  write_png(folder / "low.png", blank_image(60, 39, 1));
  CHECK_THROWS_WITH(united_mask({folder / "low.png"}, photo), Contains("low.png") && Contains("60 x 39"));
}

TEST_CASE("a map that is not finite is an error that names the image", "[issues][pixel_figures]") {
  const auto size = GENERATE(MetricsSize{Kind::photograph}, MetricsSize{Kind::grid, 50}, MetricsSize{Kind::published});
  PixelFigures figures(size, kMap);
  std::vector<float> map(kMap * kMap, 1);
  map[7] = NAN;
  CHECK_THROWS_WITH(figures.add("a/003.png", map, 640, 480, nullptr), Contains("a/003.png"));
  CHECK_FALSE(figures.result().rank.auroc);
}

TEST_CASE("every method of a comparison is measured at the same size", "[issues][pixel_figures]") {
  for (const Variant& variant : known_variants())
    for (const char* size : {"photograph", "published", "300"}) {
      INFO(variant.name);
      Settings settings;
      settings.metrics_size = size;
      variant.adjust(settings);
      CHECK(settings.metrics_size == size);
    }
}

TEST_CASE("the size at which pixels are counted is one of three kinds", "[issues][pixel_figures]") {
  CHECK(metrics_size_of("photograph").kind == Kind::photograph);
  CHECK(metrics_size_of("published").kind == Kind::published);
  CHECK(metrics_size_of("2048").side == 2048);
  for (const char* text : {"", "0", "-3", "2049", "12.5", "12 ", "0x10", "Photograph", "99999999999999999999"})
    CHECK_THROWS_WITH(metrics_size_of(text), Contains("metrics-size") && Contains(text));
  Settings settings;
  settings.metrics_size = "large";
  CHECK_THROWS_WITH(check(settings), Contains("'large'"));
}
