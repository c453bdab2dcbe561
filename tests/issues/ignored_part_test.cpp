#include "iuf/learn/ignored_part.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/synthetic/data_set.h"
#include "support/dice.h"
#include "support/notes.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;

// A mask of the part itself was taken for one of what to ignore, and nothing but its share of the picture was said.

namespace {

constexpr int kIgnoredSide = 64;

ImageFeatures seen(const std::function<int(int x, int y)>& level) {
  ImageFeatures features;
  features.width = features.height = kIgnoredSide;
  Dice dice(5);
  for (int i = 0; i < kIgnoredSide * kIgnoredSide; ++i)
    for (int c = 0; c < 3; ++c)
      features.pixels.push_back(
          static_cast<uint8_t>(level(i % kIgnoredSide, i / kIgnoredSide) + static_cast<int>(dice.below(9)) - 4));
  return features;
}

IgnoredRegion region(const std::function<bool(int x, int y)>& holds) {
  std::vector<uint8_t> pixels;
  for (int i = 0; i < kIgnoredSide * kIgnoredSide; ++i)
    pixels.push_back(holds(i % kIgnoredSide, i / kIgnoredSide) ? 1 : 0);
  return IgnoredRegion(kIgnoredSide, std::move(pixels));
}

bool is_part(int x, int y) {
  return std::hypot(x - 32, y - 32) < 16;
}

}  // namespace

TEST_CASE("how much of a part is ignored is told from its picture", "[issues][ignored_part]") {
  const ImageFeatures part = seen([](int x, int y) { return is_part(x, y) ? 60 : 150; });
  CHECK(ignored_part(part, region(is_part)).value() > 0.95);
  CHECK(ignored_part(part, region([](int x, int y) { return std::hypot(x - 32, y - 32) < 20; })).value() > 0.95);
  CHECK(ignored_part(part, region([](int x, int y) { return x < 32 && is_part(x, y); })).value() ==
        Approx(0.5).margin(0.05));
  // A date in a corner, and the background, all of it or but for its rim.
  CHECK(ignored_part(part, region([](int x, int y) { return x > 44 && y > 56; })).value() < 0.05);
  CHECK_FALSE(ignored_part(part, region([](int x, int y) { return !is_part(x, y); })));
  CHECK(ignored_part(part, region([](int x, int y) {
                       return !is_part(x, y) && std::min({x, y, 63 - x, 63 - y}) > 2;
                     }))
            .value() < 0.05);
  CHECK_FALSE(ignored_part(seen([](int, int) { return 100; }), region(is_part)).value_or(0) > 0.5);
}

TEST_CASE("a mask of the part itself is questioned when it is learned", "[issues][ignored_part]") {
  const bool is_inverted = GENERATE(false, true);
  const TemporaryFolder folder;
  write_synthetic(folder.path(), {.size = 64, .train = 6, .test_good = 1, .per_defect = 1, .objects = {"gear"}}, {});
  Settings settings = starting_settings("fast", "gaussian");
  settings.image_size = 64;
  settings.views = "coarse";
  Model model("fast", "gaussian", settings, Backbone::embedded());
  Model::Source source{.name = "gear", .images = {}, .ignore = IgnoreMask{}};
  for (const std::filesystem::path& file : list_images(folder.path() / "gear" / "train"))
    source.images.push_back(file.string());
  source.ignore->mask = blank_image(64, 64, 1);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x)
      source.ignore->mask.row(y)[x] = (std::hypot(x - 32, y - 32) < 30) == is_inverted ? 255 : 0;
  Notes notes;
  model.learn({source}, FeatureCache(folder / "cache", model.extractor()), {.progress = notes.progress()});
  INFO(joined(notes.notes, "\n"));
  const auto is_said = [](const std::string& note) { return note.find("does it mark the part itself?") != note.npos; };
  CHECK(std::ranges::any_of(notes.notes, is_said) == is_inverted);
  CHECK(std::ranges::any_of(model.objects()[0].remarks, is_said) == is_inverted);
}
