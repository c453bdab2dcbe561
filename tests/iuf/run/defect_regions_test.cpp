#include "iuf/run/defect_regions.h"

#include <catch2/catch.hpp>

#include "tensor/error.h"

using namespace iuf;

namespace {

// 4 x 4 cells: a pair in the top left corner, one at the bottom that touches nothing.
std::vector<float> map_of_two() {
  std::vector<float> map(16, 1);
  map[0] = 5;
  map[5] = 7;  // diagonal neighbours belong together
  map[15] = 6;
  return map;
}

}  // namespace

TEST_CASE("regions above the threshold have boxes, areas and peaks in pixels of the photograph", "[iuf][regions]") {
  const std::vector<DefectRegion> regions = defect_regions(map_of_two(), 4, 4, 80, 40);
  REQUIRE(regions.size() == 2);
  CHECK(regions[0] ==
        DefectRegion{.x = 0, .y = 0, .width = 40, .height = 20, .area = 400, .peak = 7, .peak_x = 30, .peak_y = 15});
  CHECK(regions[1] ==
        DefectRegion{.x = 60, .y = 30, .width = 20, .height = 10, .area = 200, .peak = 6, .peak_x = 70, .peak_y = 35});
  CHECK(defect_regions(map_of_two(), 4, 5.5, 80, 40)[0].width == 20);
}

TEST_CASE("a map below the threshold shows what stands out in it", "[iuf][regions]") {
  const std::vector<DefectRegion> regions = defect_regions(map_of_two(), 4, 100, 80, 40);
  REQUIRE(regions.size() == 2);  // above (1 + 7) / 2
  CHECK(regions[0].peak == 7);
  CHECK(defect_regions(std::vector<float>(16, 3), 4, 100, 80, 40).empty());
}

TEST_CASE("regions of a photograph smaller than the map, and of one cell, keep a pixel", "[iuf][regions]") {
  const std::vector<DefectRegion> regions = defect_regions(map_of_two(), 4, 4, 2, 3);
  REQUIRE(regions.size() == 2);
  for (const DefectRegion& region : regions) {
    CHECK(region.width >= 1);
    CHECK(region.height >= 1);
    CHECK(region.area >= 1);
    CHECK(region.x + region.width <= 2);
    CHECK(region.y + region.height <= 3);
    CHECK(region.peak_x < 2);
    CHECK(region.peak_y < 3);
  }
  CHECK_THROWS_AS(defect_regions(map_of_two(), 3, 4, 2, 3), Error);
}

TEST_CASE("of very many regions the highest are kept", "[iuf][regions]") {
  std::vector<float> map(64 * 64);
  for (size_t y = 0; y < 64; y += 2)
    for (size_t x = 0; x < 64; x += 2) map[64 * y + x] = static_cast<float>(64 * y + x + 1);
  const std::vector<DefectRegion> regions = defect_regions(map, 64, 0.5, 64, 64);
  REQUIRE(regions.size() == kMostRegions);
  CHECK(regions.front().peak == 64 * 62 + 62 + 1);
  CHECK(regions.back().peak < regions.front().peak);
}
