#include "iuf/features/copies.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/temporary_folder.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

Settings small_settings() {
  Settings s = starting_settings("fast", "gaussian");
  s.image_size = 64;
  s.grid = 4;
  return s;
}

// Another file with the same pixels: gray, once as one channel and once as three.
void write_gray_twice(const fs::path& photograph, const fs::path& one, const fs::path& three) {
  const Image image = read_image(photograph);
  Image gray{image.width, image.height, 1, {}}, rgb = image;
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    gray.pixels.push_back(image.pixels[i]);
    for (size_t c = 0; c < 3; ++c) rgb.pixels[i + c] = image.pixels[i];
  }
  write_png(one, gray);
  write_png(three, rgb);
  REQUIRE(read_file(one) != read_file(three));
}

}  // namespace

TEST_CASE("a photograph that was saved anew counts once, for learning and for the threshold", "[iuf][copies]") {
  const TemporaryFolder folder;
  write_synthetic(folder / "data", {.size = 64, .train = 8, .test_good = 1, .per_defect = 1, .objects = {"gear"}}, {});
  std::vector<std::string> once, several;
  for (const fs::path& file : list_images(folder / "data" / "gear" / "train" / "good")) {
    const std::string stem = (folder / file.stem().string()).string();
    write_gray_twice(file, stem + "_1.png", stem + "_3.png");
    once.push_back(stem + "_1.png");
    several.insert(several.end(), {stem + "_1.png", stem + "_3.png"});
  }
  const auto learned = [&](const std::vector<std::string>& images, std::vector<std::string>& notes) {
    Model model("fast", "gaussian", small_settings(), Backbone::embedded());
    const FeatureCache cache(folder / "cache", model.extractor());
    model.learn({{"gear", images}}, cache,
                {.progress = Progress({}, [&](const std::string& text) { notes.push_back(text); })});
    return model;
  };
  std::vector<std::string> none, notes;
  const ObjectRecord a = learned(once, none).objects().at(0), b = learned(several, notes).objects().at(0);
  CHECK(none.empty());
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], Contains("gear: 8 of 16 photographs are copies of others and count once, first: ") &&
                           Contains("_3.png = ") && Contains("_1.png"));
  CHECK(a.threshold == b.threshold);
  CHECK(a.train_images == b.train_images);
  CHECK(a.held_out_images == b.held_out_images);
  CHECK(a.fingerprint == b.fingerprint);
  CHECK(a.copies == 0);
  CHECK(b.copies == 8);
}

TEST_CASE("photographs that differ in one pixel are no copies, however they are shrunk", "[iuf][copies]") {
  const TemporaryFolder folder;
  Image image = blank_image(600, 400, 3);
  write_png(folder / "a.png", image);
  image.pixels[3 * (7 * 600 + 11)] = 255;  // a spot that no pixel of the network's square shows
  write_png(folder / "b.png", image);
  const Model model("fast", "gaussian", small_settings(), Backbone::embedded());
  const FeatureCache cache(folder / "cache", model.extractor());
  const std::vector<std::string> files = {(folder / "a.png").string(), (folder / "b.png").string(),
                                          (folder / "a.png").string()};
  for (int time = 0; time < 2; ++time)  // computed, then from the cache
    CHECK(originals(cache.read(files, "features", {})) == std::vector<size_t>{0, 1, 0});
}

TEST_CASE("the line about copies counts them and names the first", "[iuf][copies]") {
  const std::vector<std::string> files = {"a", "b", "c", "d"};
  CHECK(copies_text("nut", files, {0, 1, 2, 3}).empty());
  CHECK(copies_text("nut", files, {0, 1, 1, 3}) ==
        "nut: 1 of 4 photographs is a copy of another and does not count: c = b");
  CHECK(copies_text("nut", files, {0, 1, 1, 0}) ==
        "nut: 2 of 4 photographs are copies of others and count once, first: c = b");
}
