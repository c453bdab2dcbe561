// A trigger that fired again and again on one part had as many good verdicts, and the other parts passed unseen.
#include "iuf/checks/still_part.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/run/lot_notes.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

// A plate with a knob, which lies somewhat otherwise on each part, and a camera's noise.
Image plate(double knob, uint32_t seed) {
  constexpr int kPlateSide = 96;
  Dice dice(seed);
  Image image = blank_image(kPlateSide, kPlateSide, 3);
  for (int y = 0; y < kPlateSide; ++y)
    for (int x = 0; x < kPlateSide; ++x) {
      const double value = std::hypot(x - 48 - knob, y - 40) < 14 ? 60 : y > 70 ? 100 : 170;
      for (int c = 0; c < 3; ++c)
        image.row(y)[3 * x + c] =
            static_cast<uint8_t>(value + static_cast<double>(dice.below(1000)) / 250 - 2 + dice.below(3));
    }
  return image;
}

std::string said_of_plates(size_t count, bool still) {
  std::vector<Prediction> list(count);
  std::vector<std::vector<float>> views;
  for (size_t i = 0; i < count; ++i) {
    list[i].file = std::to_string(i) + ".png";
    list[i].photograph = i + 1;
  }
  const auto read = [&](const Prediction& p) {
    return plate(still ? 0 : static_cast<double>(p.photograph * 7 % 12), static_cast<uint32_t>(p.photograph));
  };
  for (const Prediction& p : list) views.push_back(coarse_view(read(p)));
  return still_part_note(list, views, read);
}

}  // namespace

TEST_CASE("frames of one part are told, those of several are not", "[issues][still_part]") {
  CHECK(are_of_one_part(scene_of(plate(0, 1)), scene_of(plate(0, 2))));
  CHECK_FALSE(are_of_one_part(scene_of(plate(0, 1)), scene_of(plate(4, 1))));
  CHECK(are_near(coarse_view(plate(0, 1)), coarse_view(plate(0, 2))));
  CHECK_FALSE(are_near(coarse_view(plate(0, 1)), coarse_view(plate(4, 1))));
  CHECK(coarse_view(blank_image(15, 40, 3)).empty());
  CHECK_THAT(said_of_plates(40, true),
             Contains("16 of 16 images that were compared") && Contains("first: 0.png and 1.png"));
  CHECK(said_of_plates(40, false).empty());
  CHECK(said_of_plates(5, true).empty());  // too few
  CHECK(said_of_plates(0, true).empty());
}

TEST_CASE("a camera that sees one part again and again is told once", "[issues][still_part]") {
  StillPart still;
  size_t told = 0;
  for (uint32_t i = 0; i < 30; ++i) told += still.take(plate(0, i));
  CHECK(told == 1);
  StillPart line;
  for (uint32_t i = 0; i < 30; ++i) CHECK_FALSE(line.take(plate(i % 5 * 3, i)));
}
