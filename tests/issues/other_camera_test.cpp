// Defects taken by another camera than the normal images, or most of them, or those of one kind, had good figures by
// the camera alone: in gray, with few levels, more gain, another white balance, a lens, a slight turn.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numbers>

#include "iuf/checks/description.h"
#include "iuf/checks/slight_moves.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kTakenOtherwise = "of another session?";
constexpr int kTinSize = 128;

struct OtherCamera {
  double red = 1, gain = 1, shadows = 0, turn = 0, lens = 0;  // degrees, a share of the distance at the corners
  double rows = 0;                                            // levels, by which a row of pixels is disturbed
  int step = 1;                                               // between levels
  bool gray = false;
};

// A tin with a red label and fine rings, near the middle, and four screws around it.
std::array<double, 3> tin_at(double x, double y) {
  const double r = std::hypot(x, y), rings = 10 * std::cos(r / 2);
  if (std::hypot(std::abs(x) - 50, std::abs(y) - 50) < 7) return {60, 60, 70};
  if (std::abs(x) < 22 && std::abs(y - 8) < 9) return {190, 60, 40};
  if (r < 48 && (x < 0 || y < 20)) return {120 + rings, 130 + rings, 110 + rings};
  return {205, 200, 180};
}

std::string tin_picture(const OtherCamera& camera, Dice& dice) {
  const auto unit = [&] { return static_cast<double>(dice.below(2001)) / 1000 - 1; };
  const double light = 1 + 0.02 * unit(), left = 63.5 + unit(), top = 63.5 + unit();
  const double turn = (camera.turn + 0.3 * unit()) * std::numbers::pi / 180;
  Image image = blank_image(kTinSize, kTinSize, 3);
  for (int y = 0; y < kTinSize; ++y) {
    const double disturbed = camera.rows * unit();
    for (int x = 0; x < kTinSize; ++x) {
      const double u = x - left, v = y - top, zoom = 1 - camera.lens * (u * u + v * v) / 8192;
      std::array<double, 3> rgb =
          tin_at(zoom * (std::cos(turn) * u + std::sin(turn) * v), zoom * (std::cos(turn) * v - std::sin(turn) * u));
      rgb[0] *= camera.red;
      if (camera.gray) rgb.fill((rgb[0] + rgb[1] + rgb[2]) / 3);
      const double noise = 2 * camera.gain * (unit() + unit() + unit());
      for (size_t c = 0; c < 3; ++c) {
        const double value = camera.shadows + (255 - camera.shadows) / 255 * light * rgb[c] + disturbed +
                             (camera.gray ? noise : 2 * camera.gain * (unit() + unit() + unit()));
        const int level = static_cast<int>(std::lround(std::clamp(value, 0.0, 255.0))) / camera.step * camera.step;
        image.row(y)[3 * x + static_cast<int>(c)] = static_cast<uint8_t>(level);
      }
    }
  }
  return png_text(image);
}

// The last `as_normal` of the defects are taken by the same camera as the normal images.
std::string said_of_tins(const OtherCamera& defects, int as_normal = 0, const std::string& other_kind = "", int odd = 0,
                         const OtherCamera& tests = {}) {
  const DataFolder folder;
  Dice dice(11);
  const auto add = [&](const std::string& where, int i, const OtherCamera& camera) {
    folder.add("tin/" + where + "/" + std::to_string(i) + ".png", tin_picture(camera, dice));
  };
  for (int i = 0; i < 14; ++i) add("train/good", i, i < odd ? defects : OtherCamera{});
  for (int i = 0; i < 8; ++i) add("test/good", i, tests);
  for (int i = 0; i < 10; ++i) add("test/crack", i, i < 10 - as_normal ? defects : OtherCamera{});
  for (int i = 0; i < 8 && !other_kind.empty(); ++i) add("test/" + other_kind, i, {});
  return description(read_dataset(folder / "tin"), "tin");
}

}  // namespace

TEST_CASE("defects of another camera are told", "[issues][folders][other_session]") {
  CHECK_THAT(said_of_tins({.gray = true}), Contains("less colourful") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.step = 16}), Contains("made of fewer levels") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.step = 8}), Contains("made of fewer levels") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.gain = 1.25}), Contains("noisier where they are smooth") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.red = 0.95}), Contains("less red (by 5 % or more)") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.shadows = 12}), Contains("lighter in their shadows") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.rows = 2}), Contains("rougher from row to row") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.turn = 4}), Contains("turned clockwise (by ") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.turn = -9}), Contains("turned counter-clockwise (by ") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.lens = 0.05}), Contains("stretched at the corners") && Contains(kTakenOtherwise));
}

TEST_CASE("most defects, a kind of them, or one odd normal image, are enough", "[issues][folders][other_session]") {
  CHECK_THAT(said_of_tins({.gray = true}, 2), Contains("8 of 10 defective test images that were looked at are") &&
                                                  Contains("less colourful") && Contains(kTakenOtherwise));
  CHECK_THAT(
      said_of_tins({.gray = true}, 0, "dent"),
      Contains("all 10 defective test images of the kind crack that were looked at are") && Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.gray = true}, 0, "", 1),
             Contains("than 21 of the 22 normal ones") && Contains(kTakenOtherwise));
}

TEST_CASE("defects of a session each are told", "[issues][folders][other_session]") {
  const DataFolder folder;
  Dice dice(12);
  const auto add = [&](const std::string& where, int i, const OtherCamera& camera) {
    folder.add("tin/" + where + "/" + std::to_string(i) + ".png", tin_picture(camera, dice));
  };
  for (int i = 0; i < 20; ++i) add(i < 14 ? "train/good" : "test/good", i, {});
  for (int i = 0; i < 3; ++i) {
    add("test/dent", i, {.red = 0.9});
    add("test/crack", i, {.red = 1.1});
    add("test/scratch", i, {.shadows = 20});
    add("test/hole", i, {.step = 16});
  }
  CHECK_THAT(description(read_dataset(folder / "tin"), "tin"),
             Contains("12 of 12 defective test images that were looked at are each beyond all 20 normal ones") &&
                 Contains("of other sessions?"));
}

TEST_CASE("normal test images of another camera are told", "[issues][folders][other_session]") {
  const OtherCamera gray{.gray = true};
  CHECK_THAT(said_of_tins(gray, 0, "", 0, gray),
             Contains("all 8 normal test images that were looked at are less colourful") &&
                 Contains("than each of the 14 to learn from") &&
                 Contains("False alarms and other figures measure this"));
}

TEST_CASE("defects of the same camera, half of those of another, and tests that share it are not",
          "[issues][folders][other_session]") {
  CHECK_THAT(said_of_tins({}), !Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.gain = 1.04}), !Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.gray = true}, 5), !Contains(kTakenOtherwise));
  CHECK_THAT(said_of_tins({.gray = true}, 0, "", 4), !Contains("defective test images that were looked at are"));
}

TEST_CASE("pictures that are too narrow for a line of detail are compared by the rest", "[issues][other_session]") {
  const DataFolder folder;
  Dice dice(13);
  const auto add = [&](const std::string& file, int light) {
    Image image = blank_image(32, 32, 3);
    for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(light + static_cast<int>(dice.below(40)));
    folder.add("nut/" + file + ".png", png_text(image));
  };
  for (int i = 0; i < 12; ++i) add("train/good/" + std::to_string(i), 100);
  for (int i = 0; i < 6; ++i) add("test/dent/" + std::to_string(i), 140);
  CHECK_THAT(description(read_dataset(folder / "nut"), "nut"), Contains("brighter (by ") && Contains(kTakenOtherwise));
}

TEST_CASE("a slight turn and a lens are measured, defects aside", "[slight_moves]") {
  constexpr int kCells = 24;
  constexpr double kMiddle = 0.5 * (kCells - 1);
  const auto smooth = [](double x, double y) {  // in cells from the middle
    return 120 + 40 * std::sin(0.5 * x + 0.2) * std::cos(0.4 * y) + 3 * x + 20 * std::exp(-(x * x + y * y) / 30);
  };
  const auto cells_of = [&](const std::function<std::pair<double, double>(double, double)>& from) {
    std::vector<double> cells;
    for (int y = 0; y < kCells; ++y)
      for (int x = 0; x < kCells; ++x) {
        const auto [u, v] = from(x - kMiddle, y - kMiddle);
        cells.push_back(smooth(u, v));
      }
    return cells;
  };
  const auto usual = cells_of([](double x, double y) { return std::pair(x, y); });
  const auto turned = [&](double degrees) {
    const double t = degrees * std::numbers::pi / 180, c = std::cos(t), s = std::sin(t);
    return cells_of([=](double x, double y) { return std::pair(c * x + s * y, c * y - s * x); });
  };
  CHECK(slight_move(turned(2), usual, kCells).turn == Approx(2).margin(0.2));
  CHECK(slight_move(turned(8), usual, kCells).turn == Approx(8).margin(0.5));
  CHECK(slight_move(turned(-10), usual, kCells).turn == Approx(-10).margin(0.5));
  CHECK(slight_move(turned(-2), usual, kCells).turn == Approx(-2).margin(0.2));
  CHECK(std::abs(slight_move(turned(2), usual, kCells).lens) < 0.01);
  const auto stretched = cells_of([&](double x, double y) {
    const double zoom = 1 - 0.03 * (x * x + y * y) / (2 * kMiddle * kMiddle);
    return std::pair(zoom * x, zoom * y);
  });
  CHECK(slight_move(stretched, usual, kCells).lens == Approx(0.03).margin(0.006));
  std::vector<double> defect = turned(2);
  for (size_t i = 100; i < 130; ++i) defect[i] = 10;
  CHECK(slight_move(defect, usual, kCells).turn == Approx(2).margin(0.3));
  const SlightMove none = slight_move(std::vector<double>(usual.size(), 100), usual, kCells);
  CHECK(none.turn == 0);
  CHECK(none.lens == 0);
}
