// A test defect that was saved anew among the images to learn from was learned as normal.
#include "iuf/checks/near_copies.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/run/data_check.h"
#include "nn/file.h"
#include "support/dice.h"
#include "support/jpeg_file.h"
#include "support/notes.h"
#include "support/small_cache.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

constexpr int kCopySide = 96;

struct Shot {
  double moved = 0;  // where the part lies
  double noise = 2;
  int defect = 0;     // levels that a scratch is darker
  uint32_t seed = 1;  // of the noise
  double light = 0;
};

Image photograph(const Shot& shot) {
  Image image = blank_image(kCopySide, kCopySide, 1);
  Dice dice(shot.seed);
  const auto unit = [&] { return static_cast<double>(dice.below(1000)) / 1000 - 0.5; };
  for (int y = 0; y < kCopySide; ++y)
    for (int x = 0; x < kCopySide; ++x) {
      const double far = std::hypot(x - 48 - shot.moved, y - 48 + shot.moved / 2);
      const double noise = (unit() + unit() + unit() + unit()) * std::sqrt(3.0) * shot.noise;
      const bool scratched = std::abs(x - y - 6) <= 1 && x > 30 && x < 50;
      const double value =
          (far < 30 ? 70 + 20 * std::sin(far / 3) : 150) + shot.light + noise - (scratched ? shot.defect : 0);
      image.row(y)[x] = static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L));
    }
  return image;
}

// Files of a part and what is found among them.
struct Files {
  TemporaryFolder folder = {};
  std::vector<std::string> learned = {}, tests = {};

  void add(std::vector<std::string>& to, const Shot& shot, int quality = 0) {
    const std::string file =
        (folder / ((&to == &tests ? "t" : "l") + std::to_string(to.size()) + (quality > 0 ? ".jpg" : ".png"))).string();
    write_file(file, quality > 0 ? jpeg_file(photograph(shot), quality) : encode_png(photograph(shot)));
    to.push_back(file);
  }
  size_t found() const { return near_copies(tests, learned, {}).size(); }
  // What is said of a data set whose test images all have this label, but for the first learned ones, as normal ones.
  std::map<std::string, std::vector<std::string>> check(const std::string& label, size_t normal_tests = 0) const {
    Dataset data{.objects = {"nut"}};
    for (const std::string& file : learned)
      data.samples.push_back(
          {.file = file, .object = "nut", .train = &file >= &learned[normal_tests], .label_name = "good"});
    std::ranges::stable_sort(data.samples, std::greater<>(), &Sample::train);
    for (const std::string& file : tests)
      data.samples.push_back({.file = file, .object = "nut", .defect = label != "good", .label_name = label});
    const SmallCache small(folder / "cache");
    Notes notes;
    return check_images(data, data.objects, small.cache, notes.progress());
  }
};

}  // namespace

TEST_CASE("a defect that was saved anew among other parts is found", "[issues][near_copies]") {
  const int quality = GENERATE(95, 88, 75, 60);
  INFO(quality);
  Files files;
  for (uint32_t i = 0; i < 9; ++i) files.add(files.learned, {.moved = 3.0 * i - 14, .seed = i + 10});
  const Shot defect{.moved = 7.3, .defect = 40, .seed = 50};
  files.add(files.tests, {.moved = -4.4, .defect = 40, .seed = 51});
  files.add(files.tests, defect);
  CHECK(files.found() == 0);
  files.add(files.learned, defect, quality);
  const std::vector<NearCopy> copies = near_copies(files.tests, files.learned, {});
  REQUIRE(copies.size() == 1);
  CHECK(copies[0].test == 1);
  CHECK(copies[0].learned == 9);
}

TEST_CASE("a defect that was saved anew is found among frames of a still camera", "[issues][near_copies]") {
  Files files;
  for (uint32_t i = 0; i < 9; ++i) files.add(files.learned, {.seed = i + 10, .light = i % 2 * 1.0});
  const Shot defect{.defect = 50, .seed = 50};
  files.add(files.tests, defect);
  CHECK(files.found() == 0);
  files.add(files.learned, defect, 85);
  CHECK(files.found() == 1);
}

TEST_CASE("frames of a still camera are no copies of one another", "[issues][near_copies]") {
  const double noise = GENERATE(0.0, 0.7, 2.0, 6.0);
  const int quality = GENERATE(0, 90, 60);
  INFO(noise << " " << quality);
  Files files;
  for (uint32_t i = 0; i < 9; ++i) files.add(files.learned, {.noise = noise, .seed = i + 10}, quality);
  for (const int defect : {0, 3, 10, 30, 60})
    files.add(files.tests, {.noise = noise, .defect = defect, .seed = static_cast<uint32_t>(50 + defect)}, quality);
  CHECK(files.found() == 0);
}

TEST_CASE("a part before and after it was damaged is no copy", "[issues][near_copies]") {
  const double noise = GENERATE(0.0, 2.0);
  Files files;
  for (uint32_t i = 0; i < 9; ++i) files.add(files.learned, {.moved = 3.0 * i - 14, .noise = noise, .seed = i + 10});
  for (const int defect : {15, 40, 80}) {
    files.add(files.tests, {.moved = 4, .noise = noise, .defect = defect, .seed = 99});  // another shot
    files.add(files.tests, {.moved = 4, .noise = noise, .defect = defect, .seed = 16});  // drawn into this one
  }
  CHECK(files.found() == 0);
}

TEST_CASE("a data set with a defect that was saved anew among the normal images is refused", "[issues][near_copies]") {
  Files files;
  for (uint32_t i = 0; i < 9; ++i) files.add(files.learned, {.moved = 3.0 * i - 14, .seed = i + 10});
  const Shot odd{.moved = 7.3, .defect = 40, .seed = 50};
  files.add(files.learned, odd, 88);
  files.add(files.tests, odd);
  CHECK_THROWS_WITH(files.check("dent"),
                    Catch::Contains("l9.jpg and ") && Catch::Contains("t0.png are the same photograph but for"));
  const auto said = files.check("good");
  REQUIRE(said.contains("nut"));
  CHECK_THAT(said.at("nut").at(0), Catch::Contains("1 of 1 test images are also training images, but for compression"));
}

TEST_CASE("defects that were drawn into the images to learn from are told", "[issues][near_copies]") {
  const bool are_drawn = GENERATE(true, false);
  const int quality = GENERATE(0, 85);
  INFO(are_drawn << " " << quality);
  Files files;
  const auto shot = [](uint32_t i) {
    return Shot{.moved = i * 7 % 24 - 12.0, .seed = i + 10, .light = i * 5 % 24 - 12.0};
  };
  for (uint32_t i = 0; i < 24; ++i) files.add(files.learned, shot(i), quality);
  // A part that is photographed before and after it was damaged has other noise.
  for (uint32_t i = 2; i < 6; ++i) {
    Shot damaged = shot(i);
    damaged.defect = 60;
    if (!are_drawn) damaged.seed += 100;
    files.add(files.tests, damaged, quality);
  }
  const auto said = files.check("dent");
  REQUIRE(said.contains("nut") == are_drawn);
  if (are_drawn)
    CHECK_THAT(said.at("nut").at(0),
               Catch::Contains("4 of 4 defective test images are normal ones of this data set but for a small part") &&
                   Catch::Contains("first: " + files.tests[0] + " = " + files.learned[2]));
}

TEST_CASE("defects that were drawn into the normal test images are told", "[issues][near_copies]") {
  Files files;
  for (uint32_t i = 0; i < 24; ++i)
    files.add(files.learned, {.moved = i * 7 % 24 - 12.0, .seed = i + 10, .light = i * 5 % 24 - 12.0});
  for (uint32_t i = 2; i < 6; ++i)
    files.add(files.tests, {.moved = i * 7 % 24 - 12.0, .defect = 60, .seed = i + 10, .light = i * 5 % 24 - 12.0});
  const auto said = files.check("dent", 8);
  REQUIRE(said.contains("nut"));
  CHECK_THAT(said.at("nut").at(0), Catch::Contains("4 of 4 defective test images are normal ones of this data set") &&
                                       Catch::Contains("first: " + files.tests[0] + " = " + files.learned[2]));
}
