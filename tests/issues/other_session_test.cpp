// Defects that were all photographed in another session had good figures by the session alone.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kOtherSession = "of another session?";

// How a picture is taken. Each is lit otherwise by up to 4 %.
struct Session {
  double light = 1, noise = 3;
  int soft = 0;        // pixels that are averaged, at each side
  double covered = 0;  // share of the picture that a dark, smooth defect covers
};

std::string picture_of(const Session& session, Dice& dice) {
  constexpr int kSize = 96;
  const auto unit = [&] { return static_cast<double>(dice.below(2001)) / 1000 - 1; };
  const double light = session.light * (1 + 0.04 * unit()), left = 30 + 6 * unit();
  std::vector<double> line(static_cast<size_t>(kSize));
  Image image = blank_image(kSize, kSize, 1);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      const double value = (x > left && x < left + 40 && y > 20 && y < 80 ? 90 : 160) * light;
      line[static_cast<size_t>(x)] = value + session.noise * (unit() + unit() + unit());
    }
    for (int x = 0; x < kSize; ++x) {
      double sum = 0;
      int count = 0;
      for (int k = std::max(0, x - session.soft); k <= std::min(kSize - 1, x + session.soft); ++k, ++count)
        sum += line[static_cast<size_t>(k)];
      const bool is_covered = y < session.covered * kSize;
      image.row(y)[x] = static_cast<uint8_t>(std::clamp(is_covered ? 40 : sum / count, 0.0, 255.0));
    }
  }
  return png_text(image);
}

std::string said_of_sessions(const Session& normal, const Session& tested, const Session& defects, int count = 8) {
  const DataFolder folder;
  Dice dice(7);
  for (int i = 0; i < 12; ++i) folder.add("nut/train/good/" + std::to_string(i) + ".png", picture_of(normal, dice));
  for (int i = 0; i < 6; ++i) folder.add("nut/test/good/" + std::to_string(i) + ".png", picture_of(tested, dice));
  for (int i = 0; i < count; ++i) folder.add("nut/test/crack/" + std::to_string(i) + ".png", picture_of(defects, dice));
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("defects that are all of another session are said", "[issues][folders][other_session]") {
  CHECK_THAT(said_of_sessions({}, {}, {.light = 0.8}), Contains("all 8 defective test images") &&
                                                           Contains("darker (by ") && !Contains("softer") &&
                                                           Contains(kOtherSession));
  CHECK_THAT(said_of_sessions({}, {}, {.light = 1.2}), Contains("brighter (by ") && Contains(kOtherSession));
  CHECK_THAT(said_of_sessions({}, {}, {.soft = 1}),
             Contains("are softer and ") && Contains("than each of the 18 normal ones") && Contains(kOtherSession));
  CHECK_THAT(said_of_sessions({}, {}, {.light = 0.8, .noise = 9}),
             Contains("sharper or noisier") && Contains("darker"));
}

TEST_CASE("defects of the same session, however large, and tests of both sessions are not", "[issues][other_session]") {
  CHECK_THAT(said_of_sessions({}, {}, {}), !Contains(kOtherSession));
  CHECK_THAT(said_of_sessions({}, {}, {.covered = 0.3}), !Contains(kOtherSession));
  CHECK_THAT(said_of_sessions({}, {}, {.light = 0.95}), !Contains(kOtherSession));
  CHECK_THAT(said_of_sessions({}, {.light = 0.8}, {.light = 0.8}),
             !Contains("defective test images that were looked at are"));
  CHECK_THAT(said_of_sessions({}, {}, {.light = 0.8}, 4), !Contains(kOtherSession));  // too few
}
