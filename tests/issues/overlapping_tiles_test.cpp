// Photographs were cut into overlapping tiles, and these were split at random: test images had been learned in part.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "support/photographs.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kOverlap = "tiles of one photograph that overlap?";

std::string said_of_tiles(int step, int photographs = 3, uint32_t noise = 5) {
  constexpr int kTile = 64, kSide = 200;
  const DataFolder folder;
  Dice dice(3);
  for (int p = 0; p < photographs; ++p) {
    const Image whole = photograph(kSide, kSide, static_cast<uint32_t>(40 + p), noise);
    for (int top = 0; top + kTile <= kSide; top += step)
      for (int left = 0; left + kTile <= kSide; left += step) {
        const std::string number = std::to_string(1000 * p + 100 * (top / step) + left / step);
        folder.add((dice.below(10) < 7 ? "nut/train/good/" : "nut/test/good/") + number + ".png",
                   png_text(cut_out(whole, left, top, kTile, kTile)));
      }
  }
  return description(read_dataset(folder / "nut"), "nut");
}

// A part without any noise, at other places of an empty background.
std::string said_of_a_moved_part() {
  const DataFolder folder;
  const Image part = photograph(50, 50, 9);
  for (int n = 0; n < 16; ++n) {
    Image image = blank_image(96, 96, 3);
    for (int y = 0; y < 50; ++y) std::copy_n(part.row(y), 150, image.row(y + n + 2) + 3 * (2 * n));
    folder.add("nut/train/good/" + std::to_string(n) + ".png", png_text(image));
  }
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("overlapping tiles of one photograph are said", "[issues][folders][overlapping_tiles]") {
  for (const int step : {16, 32, 37})
    CHECK_THAT(said_of_tiles(step),
               Contains(kOverlap) && Contains(" normal test images share a part") && Contains(" images to learn from"));
}

TEST_CASE("tiles side by side, and a part that moves before nothing, do not overlap", "[issues][overlapping_tiles]") {
  CHECK_THAT(said_of_tiles(64), !Contains(kOverlap));
  CHECK_THAT(said_of_tiles(60), !Contains(kOverlap));  // a seam
  CHECK_THAT(said_of_a_moved_part(), !Contains(kOverlap));
}
