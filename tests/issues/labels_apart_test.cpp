// All images of one label had something that is no defect (a bar, another fixture, a sticker), and figures told that.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numbers>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kOfDefects = "all 8 defective test images that were looked at differ from each of the";
constexpr const char* kOfTests =
    "all 8 normal test images that were looked at differ from each of the 20 to learn from";
constexpr const char* kApart = "that were looked at differ from each of the";
constexpr int kSide = 96;  // pixels

// How a part is photographed.
struct Camera {
  double zoom = 1, right = 0, down = 0;  // pixels
  double degrees = 0;
  bool black_around = false;  // where a photograph was turned, nothing is left at its corners
  std::function<void(Image&, Dice&)> drawn = {};
};

enum class Scene { part, two_ways, surface };

double unit(Dice& dice) {
  return static_cast<double>(dice.below(2001)) / 1000 - 1;
}

void fill(Image& image, int left, int top, int right, int bottom, uint8_t value) {
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) std::fill_n(image.row(y) + 3 * x, 3, value);
}

// A bright part with a dark slot in one half, in one of two positions, or a surface without any.
double scene_at(double x, double y, Scene scene, bool turned) {
  if (scene == Scene::surface) return 120;
  if (turned) x = kSide - x, y = kSide - y;
  if (x < 22 || x > 70 || y < 30 || y > 66) return 70;
  return x > 26 && x < 42 && y > 34 && y < 54 ? 40 : 170;
}

Image photographed(const Camera& camera, Scene scene, Dice& dice) {
  Image image = blank_image(kSide, kSide, 3);
  const double light = 1 + 0.03 * unit(dice), dx = camera.right + unit(dice), dy = camera.down + unit(dice);
  const bool turned = scene == Scene::two_ways && dice.below(2) == 0;
  const double angle = camera.degrees * std::numbers::pi / 180, cosine = std::cos(angle), sine = std::sin(angle);
  constexpr double kMiddle = kSide / 2.0;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const double u = (x + 0.5 - kMiddle - dx) / camera.zoom, v = (y + 0.5 - kMiddle - dy) / camera.zoom;
      const double right = cosine * u + sine * v + kMiddle, down = cosine * v - sine * u + kMiddle;
      const bool is_lost =
          camera.black_around && (std::min(right + dx, down + dy) < 0 || std::max(right + dx, down + dy) > kSide);
      const double value = light * scene_at(right, down, scene, turned) + 4 * (unit(dice) + unit(dice));
      const auto level = static_cast<uint8_t>(is_lost ? 0 : std::clamp(value, 0.0, 255.0));
      std::fill_n(image.row(y) + 3 * x, 3, level);
    }
  if (camera.drawn) camera.drawn(image, dice);
  return image;
}

struct Folder {
  Camera normal = {}, tested = {}, defects = {};
  int learned = 20, tests = 8, defective = 8;
  Scene scene = Scene::part;
  bool masks = true;
  int spot_left = -1, spot_top = 0, spot_side = 8;  // pixels; anywhere on the part
  std::vector<std::string> kinds = {"spot"};
};

std::string said_of(const Folder& f) {
  const DataFolder folder;
  Dice dice(7);
  const auto number = [](int i) { return std::to_string(i); };
  for (int i = 0; i < f.learned; ++i)
    folder.add("nut/train/good/" + number(i) + ".png", png_text(photographed(f.normal, f.scene, dice)));
  for (int i = 0; i < f.tests; ++i)
    folder.add("nut/test/good/" + number(i) + ".png", png_text(photographed(f.tested, f.scene, dice)));
  for (int i = 0; i < f.defective; ++i) {
    const std::string& kind = f.kinds[static_cast<size_t>(i) % f.kinds.size()];
    Image image = photographed(f.defects, f.scene, dice), mask = blank_image(kSide, kSide, 3);
    const int left = f.spot_left >= 0 ? f.spot_left : 40 + static_cast<int>(dice.below(20)),
              top = f.spot_left >= 0 ? f.spot_top : 34 + static_cast<int>(dice.below(20));
    fill(image, left, top, left + f.spot_side, top + f.spot_side, 20);
    fill(mask, left, top, left + f.spot_side, top + f.spot_side, 255);
    folder.add("nut/test/" + kind + "/" + number(i) + ".png", png_text(image));
    if (f.masks) folder.add("nut/ground_truth/" + kind + "/" + number(i) + "_mask.png", png_text(mask));
  }
  return description(read_dataset(folder / "nut"), "nut");
}

Camera drawing(std::function<void(Image&, Dice&)> drawn) {
  return {.drawn = std::move(drawn)};
}

Camera with_bars() {
  return drawing([](Image& image, Dice&) {
    fill(image, 0, 0, kSide, 8, 0);
    fill(image, 0, kSide - 8, kSide, kSide, 0);
  });
}

Camera with_sticker() {
  return drawing([](Image& image, Dice& dice) {
    const int left = 72 + static_cast<int>(dice.below(2)), top = 8 + static_cast<int>(dice.below(2));
    fill(image, left, top, left + 16, top + 12, 240);
  });
}

// Each, on defective images with and without masks, and on normal ones.
void check_said(const Camera& camera, const std::string& what) {
  CHECK_THAT(said_of({.defects = camera}), Contains(kOfDefects) && Contains(what) && Contains("where no mask marks") &&
                                               Contains("Figures tell this apart, not the defects"));
  CHECK_THAT(said_of({.defects = camera, .masks = false}),
             Contains(kOfDefects) && Contains(what) && Contains("If this is not the defect itself"));
  CHECK_THAT(said_of({.tested = camera}),
             Contains(kOfTests) && Contains(what) && Contains("False alarms and other figures measure this"));
}

}  // namespace

TEST_CASE("bars on one label are said", "[issues][folders][labels_apart]") {
  check_said(with_bars(),
             "one colour goes from the corners upper left, upper right, lower left, lower right along a side");
}

TEST_CASE("a caption on one label is said", "[issues][folders][labels_apart]") {
  const Camera caption = drawing([](Image& image, Dice& dice) {
    fill(image, 0, kSide - 10, kSide, kSide, 20);
    for (int letter = 4; letter < kSide - 6; letter += 5)
      if (dice.below(4) > 0) fill(image, letter, kSide - 8, letter + 2, kSide - 2, 230);
  });
  check_said(caption, "a place in the 96 x 16 pixels 0 from the left and 80 from the top ");
  // A line of text in the picture itself.
  const Camera date = drawing([](Image& image, Dice& dice) {
    for (int letter = 40; letter < kSide - 6; letter += 4)
      fill(image, letter, 4, letter + 1, 4 + 4 + static_cast<int>(dice.below(6)), 230);
  });
  CHECK_THAT(said_of({.defects = date}), Contains(kOfDefects) && Contains("0 from the top"));
}

TEST_CASE("a dead half of a column on one label is said", "[issues][folders][labels_apart]") {
  const Camera dead = drawing([](Image& image, Dice&) { fill(image, 85, 0, 86, kSide / 2, 0); });
  check_said(dead, "the column of pixels 85 is darker than those beside it, in the upper half");
  const Camera row = drawing([](Image& image, Dice&) { fill(image, 48, 12, kSide, 13, 255); });
  check_said(row, "the row of pixels 12 is brighter than those beside it, in the right half");
}

TEST_CASE("corners that turning has left black on one label are said", "[issues][folders][labels_apart]") {
  check_said({.degrees = 3, .black_around = true}, "one colour goes from the corners");
}

TEST_CASE("another zoom for one label is said", "[issues][folders][labels_apart]") {
  check_said({.zoom = 1.25}, "larger (by ");
  check_said({.zoom = 0.8}, "smaller (by ");
}

TEST_CASE("a camera that is turned for one label is said", "[issues][folders][labels_apart]") {
  check_said({.degrees = 180}, "they fit the others when they are turned by 180 degrees");
  check_said({.degrees = 90}, "they fit the others when they are turned by 90 degrees");
}

TEST_CASE("another fixture for one label is said", "[issues][folders][labels_apart]") {
  check_said({.right = 8}, "the part is further to the right (by ");
  check_said({.down = -8}, "the part is higher (by ");
}

TEST_CASE("stickers on all defective parts are said", "[issues][folders][labels_apart]") {
  CHECK_THAT(said_of({.defects = with_sticker()}),
             Contains(kOfDefects) && Contains("a place in the 16 x 16 pixels 72 from the left and 8 from the top is "
                                              "brighter (by "));
  // Without masks a sticker is what kinds of defects have in common.
  CHECK_THAT(said_of({.defects = with_sticker(), .masks = false, .kinds = {"spot", "dent"}}), Contains(kOfDefects));
}

TEST_CASE("close-ups of defects are said", "[issues][folders][labels_apart]") {
  check_said({.zoom = 3}, kApart);
}

TEST_CASE("a frame around one label is said", "[issues][folders][labels_apart]") {
  const Camera frame = drawing([](Image& image, Dice&) {
    fill(image, 0, 0, kSide, 2, 200);
    fill(image, 0, kSide - 2, kSide, kSide, 200);
    fill(image, 0, 0, 2, kSide, 200);
    fill(image, kSide - 2, 0, kSide, kSide, 200);
  });
  check_said(frame, "(a bar, a frame, or what turning leaves?)");
}

TEST_CASE("bands of a lamp that flickers on one label are said", "[issues][folders][labels_apart]") {
  const bool is_across = GENERATE(true, false);
  const double periods = GENERATE(2.0, 3.0, 3.6);
  INFO(is_across << " " << periods);
  double depth = 0.08;
  const Camera flicker = drawing([&](Image& image, Dice& dice) {
    const double begin = unit(dice) * 4;
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < 3 * kSide; ++x) {
        const double at = is_across ? y : x / 3;
        const double wave = 1 + depth * std::sin(begin + 2 * std::numbers::pi * periods * at / kSide);
        image.row(y)[x] = static_cast<uint8_t>(std::clamp(wave * image.row(y)[x], 0.0, 255.0));
      }
  });
  const std::string bands = is_across ? " horizontal bands of light" : " vertical bands of light";
  CHECK_THAT(said_of({.defects = flicker}), Contains(kOfDefects) && Contains(bands + " lie over them"));
  CHECK_THAT(said_of({.defects = flicker, .scene = Scene::surface, .masks = false}), Contains(bands));
  CHECK_THAT(said_of({.tested = flicker}), Contains(kOfTests) && Contains(bands));
  CHECK_THAT(said_of({.normal = flicker, .tested = flicker, .defects = flicker}), !Contains(kApart));
  depth = 0.16;  // what is usual has bands, too
  CHECK_THAT(said_of({.normal = flicker}), Contains(kOfTests) && Contains("they lack") && Contains(bands));
}

TEST_CASE("defects alone tell the labels apart", "[issues][folders][labels_apart]") {
  CHECK_THAT(said_of({}), !Contains(kApart));
  CHECK_THAT(said_of({.masks = false}), !Contains(kApart));
  CHECK_THAT(said_of({.scene = Scene::two_ways}), !Contains(kApart));
  CHECK_THAT(said_of({.scene = Scene::surface}), !Contains(kApart));
  // Always at the same place, and large: a pin that is missing.
  CHECK_THAT(said_of({.spot_left = 40, .spot_top = 40, .spot_side = 20}), !Contains(kApart));
  CHECK_THAT(said_of({.masks = false, .spot_left = 40, .spot_top = 40, .spot_side = 16}), !Contains(kApart));
}

TEST_CASE("what all labels have tells none apart", "[issues][folders][labels_apart]") {
  CHECK_THAT(said_of({.normal = with_bars(), .tested = with_bars(), .defects = with_bars()}), !Contains(kApart));
  CHECK_THAT(said_of({.tested = with_bars(), .defects = with_bars()}), !Contains(kOfDefects) && Contains(kOfTests));
  const Camera some = drawing([](Image& image, Dice& dice) {
    if (dice.below(2) == 0) fill(image, 0, 0, kSide, 8, 0);
  });
  CHECK_THAT(said_of({.defects = some}), !Contains(kApart));
}

TEST_CASE("few images tell nothing of their label", "[issues][folders][labels_apart]") {
  CHECK_THAT(said_of({.defects = with_bars(), .defective = 4}), !Contains(kApart));
  CHECK_THAT(said_of({.defects = with_bars(), .learned = 5, .tests = 2}), !Contains(kApart));
}
