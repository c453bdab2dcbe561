#include <catch2/catch.hpp>
#include <functional>

#include "iuf/learn/model.h"
#include "iuf/run/prediction.h"
#include "nn/file.h"
#include "support/notes.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr int kSide = 64;

struct Random {
  uint32_t state = 1;
  int operator()(int below) {
    state = state * 1664525 + 1013904223;
    return static_cast<int>((state >> 8) % static_cast<uint32_t>(below));
  }
};

Image drawn(const std::function<int(int x, int y)>& gray) {
  Image image = blank_image(kSide, kSide, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<uint8_t>(gray(static_cast<int>(i / 3) % kSide, static_cast<int>(i / 3) / kSide));
  return image;
}

bool inside(int x, int y) {
  return x > 20 && x < 40 && y > 20 && y < 40;
}

Image photograph(uint32_t seed) {
  Random random{seed};
  return drawn([&](int x, int y) { return x + y + random(60); });
}

Image mask() {
  return drawn([](int x, int y) { return inside(x, y) ? 255 : 0; });
}

// Files of pictures, and what is said about them.
struct PictureBench : Notes {
  TemporaryFolder folder;
  std::vector<std::string> files = {};

  void add(const Image& image) {
    files.push_back((folder / (std::to_string(files.size()) + ".png")).string());
    write_png(files.back(), image);
  }
  Model learn() {
    Settings s = starting_settings("fast", "gaussian");
    s.image_size = 64;
    s.grid = 4;
    Model model("fast", "gaussian", s, Backbone::embedded());
    model.learn({{"part", files}}, FeatureCache(folder.path() / "cache", model.extractor()), {.progress = progress()});
    return model;
  }
};

}  // namespace

TEST_CASE("a closed lens, a dead camera and flat light are nearly constant, a photograph is not",
          "[issues][pictures]") {
  Random random;
  for (const int level : {0, 3, 128, 252, 255}) {
    INFO("level " << level);
    CHECK(look_at(drawn([&](int, int) { return level; })).nearly_constant);
    const int low = std::min(level, 250);
    CHECK(look_at(drawn([&](int, int) { return low + random(6); })).nearly_constant);
  }
  CHECK(look_at(drawn([](int x, int y) { return x == 5 && y == 5 ? 255 : 40; })).nearly_constant);  // a hot pixel
  CHECK_FALSE(look_at(photograph(1)).nearly_constant);
  CHECK_FALSE(look_at(drawn([](int x, int) { return 100 + x / 4; })).nearly_constant);
  CHECK_FALSE(look_at(mask()).nearly_constant);
}

TEST_CASE("drawn masks are told from photographs", "[issues][pictures]") {
  Random random;
  const auto like = [](const Image& image) { return is_like_a_mask(look_at(image)); };
  CHECK(like(mask()));
  CHECK(like(drawn([](int x, int y) { return inside(x, y) ? 1 : 0; })));                         // class numbers
  CHECK(like(drawn([](int x, int y) { return inside(x, y) ? 200 : x < 9 ? 90 : 0; })));          // three classes
  CHECK(like(drawn([&](int x, int y) { return inside(x, y) ? 255 - random(7) : random(7); })));  // a JPEG once
  CHECK_FALSE(like(drawn([](int, int) { return 0; })));                                          // one value
  CHECK_FALSE(like(photograph(1)));
  CHECK(is_like_a_photograph(look_at(photograph(1))));
  // Light from behind: dark part, bright ground, but a real edge and real noise.
  const Image behind = drawn([&](int x, int y) { return inside(x, y) ? 12 + random(20) : 255 - random(4); });
  CHECK_FALSE(like(behind));
  CHECK_FALSE(is_like_a_mask(look_at({})));
}

TEST_CASE("masks among normal photographs are not learned", "[issues][pictures]") {
  for (const bool noisy : {false, true}) {
    PictureBench bench;
    Random random;
    for (uint32_t i = 0; i < 4; ++i) bench.add(photograph(i));
    for (int i = 0; i < 2; ++i)
      bench.add(noisy ? drawn([&](int x, int y) { return inside(x, y) ? 255 - random(7) : random(7); }) : mask());
    CHECK_THROWS_WITH(bench.learn(), Contains("object 'part': 2 of 6 normal images") && Contains("4.png") &&
                                         Contains("0.png") && Contains("move the masks"));
  }
}

TEST_CASE("pictures that are all drawn, or nearly constant, are learned and judged with a word", "[issues][pictures]") {
  PictureBench bench;
  for (int i = 0; i < 5; ++i) bench.add(drawn([i](int x, int y) { return x + i > y ? 200 : 60; }));
  const Model model = bench.learn();
  REQUIRE(bench.notes.size() == 1);
  CHECK_THAT(bench.notes[0],
             Contains("part: ") && Contains("at most 4 colours") && Contains(": 5, first ") && Contains("0.png"));
  bench.notes.clear();
  Random random;
  make_folder(bench.folder / "in");
  write_png(bench.folder / "in/a.png", photograph(3));
  for (const char* name : {"in/b.png", "in/c.png"})
    write_png(bench.folder / name, drawn([&](int, int) { return 30 + random(5); }));
  predict(model, {.inputs = {bench.folder / "in"}, .out = bench.folder / "out", .heatmaps = Heatmaps::none}, {},
          bench.progress());
  REQUIRE(bench.notes.size() == 1);
  CHECK_THAT(bench.notes[0], Contains("nearly constant (is the lens closed?): 2, first ") && Contains("b.png"));
}
