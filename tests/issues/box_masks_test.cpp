// Masks that are boxes around defects gave pixel figures of boxes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kBoxMasks = "pixel figures measure boxes, not defects";

struct Box {
  int left = 0, top = 0, width = 0, height = 0;
};
using Boxes = std::vector<Box>;

enum class Corners { sharp, cut };

std::string png_of(const Boxes& boxes, Corners corners) {
  Image mask = blank_image(96, 64, 1);
  for (const Box& box : boxes) {
    for (int y = box.top; y < box.top + box.height; ++y) std::fill_n(mask.row(y) + box.left, box.width, uint8_t{255});
    if (corners == Corners::cut) mask.row(box.top)[box.left] = 0;
  }
  const std::vector<std::byte> bytes = encode_png(mask);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string said_of_boxes(const std::vector<Boxes>& masks, Corners corners = Corners::sharp) {
  const DataFolder folder({"nut/train/good/0.png", "nut/test/good/0.png"});
  for (size_t i = 0; i < masks.size(); ++i) {
    const std::string name = std::to_string(i + 10);
    folder.add("nut/test/dent/" + name + ".png");
    folder.add("nut/ground_truth/dent/" + name + "_mask.png", png_of(masks[i], corners));
  }
  return description(read_dataset(folder / "nut"), "nut");
}

const std::vector<Boxes> five = {
    {{2, 1, 9, 6}}, {{50, 30, 7, 8}}, {{3, 1, 20, 6}, {60, 40, 8, 9}}, {{0, 20, 96, 12}}, {{80, 50, 16, 14}}};

}  // namespace

TEST_CASE("masks that are all upright boxes are said", "[issues][masks][boxes]") {
  CHECK_THAT(said_of_boxes(five),
             Contains("all 5 masks are upright boxes (first: dent/10_mask.png)") && Contains(kBoxMasks));
  // Two boxes that overlap are none together, and an empty mask says nothing.
  std::vector<Boxes> eleven = five;
  for (int i = 0; i < 5; ++i) eleven.push_back({{10 + 9 * i, 5 + 6 * i, 11 + i, 9}});
  eleven.push_back({{5, 5, 20, 20}, {15, 15, 20, 20}});
  CHECK_THAT(said_of_boxes(eleven), Contains("10 of 11 masks are upright boxes"));
  eleven.back() = {};
  CHECK_THAT(said_of_boxes(eleven), Contains("all 10 masks are upright boxes"));
}

TEST_CASE("masks of defects are no boxes", "[issues][masks][boxes]") {
  CHECK_THAT(said_of_boxes(five, Corners::cut), !Contains(kBoxMasks));
  CHECK_THAT(said_of_boxes({five.begin(), five.end() - 1}), !Contains(kBoxMasks));  // too few
  std::vector<Boxes> small(8);
  for (int i = 0; i < 8; ++i) small[static_cast<size_t>(i)] = {{9 * i, 5 * i, 4, 3 + i}};
  CHECK_THAT(said_of_boxes(small), !Contains(kBoxMasks));
  std::vector<Boxes> some = five;  // touching corner to corner
  some[0] = {{2, 1, 9, 6}, {11, 7, 9, 6}};
  CHECK_THAT(said_of_boxes(some), !Contains(kBoxMasks));
}
