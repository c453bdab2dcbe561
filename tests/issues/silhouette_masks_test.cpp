// Masks that show the whole part, or are those of another image, gave pixel figures of where the part lies.
#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kSilhouetteMasks = "do they show the part and not its defects";
constexpr const char* kEqual = "exactly that of another image";

struct Box {
  int left = 0, top = 0, width = 0, height = 0;
};

std::string png_of(const Box& box) {
  Image mask = blank_image(96, 64, 1);
  for (int y = box.top; y < box.top + box.height; ++y) std::fill_n(mask.row(y) + box.left, box.width, uint8_t{255});
  return png_text(mask);
}

std::string said_of_silhouettes(const std::vector<Box>& masks) {
  const DataFolder folder({"nut/train/good/0.png", "nut/test/good/0.png"});
  for (size_t i = 0; i < masks.size(); ++i) {
    const std::string name = std::to_string(i + 10);
    folder.add("nut/test/dent/" + name + ".png");
    folder.add("nut/ground_truth/dent/" + name + "_mask.png", png_of(masks[i]));
  }
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("masks of the whole part are said", "[issues][masks][silhouettes]") {
  CHECK_THAT(
      said_of_silhouettes({{2, 1, 90, 60}, {5, 3, 70, 58}, {9, 0, 80, 50}}),
      Contains("most masks mark over half of their picture (first: dent/10_mask.png)") && Contains(kSilhouetteMasks));
  CHECK_THAT(said_of_silhouettes({{20, 10, 50, 40}, {20, 10, 51, 40}, {20, 10, 50, 41}, {19, 10, 51, 40}}),
             Contains("most masks are nearly the same in different images") && Contains(kSilhouetteMasks));
}

TEST_CASE("masks that are those of another image are said", "[issues][masks][silhouettes]") {
  CHECK_THAT(said_of_silhouettes({{2, 1, 9, 6}, {50, 30, 7, 8}, {2, 1, 9, 6}}),
             Contains("1 mask is exactly that of another image (first: dent/10_mask.png = dent/12_mask.png)"));
  CHECK_THAT(said_of_silhouettes({{2, 1, 9, 6}, {50, 30, 7, 8}, {2, 1, 9, 6}, {2, 1, 9, 6}}),
             Contains("2 masks are exactly that of another image"));
}

TEST_CASE("masks of defects are no silhouettes", "[issues][masks][silhouettes]") {
  const std::vector<Box> defects = {{2, 1, 9, 6}, {50, 30, 7, 8}, {3, 1, 20, 6}, {0, 0, 90, 60}};
  CHECK_THAT(said_of_silhouettes(defects), !Contains(kSilhouetteMasks) && !Contains(kEqual));
  CHECK_THAT(said_of_silhouettes({{0, 0, 90, 60}, {0, 0, 90, 61}}), !Contains(kSilhouetteMasks));  // too few
  CHECK_THAT(said_of_silhouettes({{}, {}, {50, 30, 7, 8}}),
             !Contains(kSilhouetteMasks) && !Contains(kEqual));  // empty ones are told elsewhere
}
