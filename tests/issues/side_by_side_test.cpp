// Pairs of a photograph and its mask side by side, as pix2pix has them, passed for photographs.
#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kSideBySide = "is exactly the same in all normal images";

struct Pair {
  int own = 64;         // columns of the photograph, of 128
  bool marked = false;  // the rest shows a mask
};

std::string png_of(const Pair& pair, Dice& dice) {
  Image image = blank_image(128, 64, 1);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < pair.own; ++x) image.row(y)[x] = static_cast<uint8_t>(dice.below(256));
  if (pair.marked)
    for (int y = 20; y < 30; ++y) std::fill_n(image.row(y) + 100, 10, uint8_t{255});
  return png_text(image);
}

std::string said_of_pairs(const Pair& normal, const Pair& defective, int normals = 6, int plain_defects = 0) {
  const DataFolder folder;
  Dice dice(7);
  for (int i = 0; i < normals; ++i) {
    folder.add("nut/train/good/" + std::to_string(i) + ".png", png_of(normal, dice));
    folder.add("nut/test/good/" + std::to_string(i) + ".png", png_of(normal, dice));
  }
  for (int i = 0; i < 4 + plain_defects; ++i)
    folder.add("nut/test/crack/" + std::to_string(i) + ".png", png_of(i < 4 ? defective : normal, dice));
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("a part that only defective images have changed is said", "[issues][folders][side_by_side]") {
  CHECK_THAT(said_of_pairs({}, {.marked = true}),
             Contains("a part of 64 x 64 pixels (64 from the left, 0 from the top) is exactly the same in all normal "
                      "images that were looked at, but not in 4 of 4 defective ones"));
  CHECK_THAT(said_of_pairs({.own = 96}, {.own = 96, .marked = true}), Contains("a part of 32 x 64 pixels"));
  CHECK_THAT(said_of_pairs({}, {.own = 96}), Contains(kSideBySide));  // a photograph instead
  CHECK_THAT(said_of_pairs({}, {.marked = true}, 6, 4), Contains("not in 4 of 8 defective ones"));
}

TEST_CASE("a background that all images have is not worth a word", "[issues][folders][side_by_side]") {
  CHECK_THAT(said_of_pairs({}, {}), !Contains(kSideBySide));
  CHECK_THAT(said_of_pairs({.own = 128}, {.own = 128}), !Contains(kSideBySide));
  CHECK_THAT(said_of_pairs({.own = 120}, {.own = 120, .marked = true}), !Contains(kSideBySide));  // too small
  CHECK_THAT(said_of_pairs({}, {.marked = true}, 6, 6), !Contains(kSideBySide));  // few defects have it changed
  CHECK_THAT(said_of_pairs({}, {.marked = true}, 1), !Contains(kSideBySide));     // of two images all may be alike
}
