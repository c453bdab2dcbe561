#include "iuf/paper/defect_mask.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "support/dice.h"

using namespace iuf;

namespace {

Image mask_of(int width, const std::vector<uint8_t>& pixels) {
  return {width, static_cast<int>(pixels.size()) / width, 1, pixels};
}

std::vector<std::vector<uint32_t>> regions_of(const DefectMask& mask) {
  std::vector<std::vector<uint32_t>> regions;
  size_t begin = 0;
  for (const size_t end : mask.regions.end) {
    regions.emplace_back(mask.regions.pixels.begin() + static_cast<std::ptrdiff_t>(begin),
                         mask.regions.pixels.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  return regions;
}

/// The rule as the header states it, cell by cell.
std::vector<std::vector<uint32_t>> slow_grid(const Image& mask, int side, std::vector<uint8_t>& defect) {
  const auto width = static_cast<size_t>(mask.width);
  const Regions drawn = connected_regions(mask.pixels, width);
  std::vector<int> label(mask.pixels.size(), -1);
  for (size_t r = 0, i = 0; r < drawn.end.size(); ++r)
    for (; i < drawn.end[r]; ++i) label[drawn.pixels[i]] = static_cast<int>(r);
  const auto members = [&](int cell, int pixels) {  // along one side
    std::vector<int> found;
    for (int x = 0; x < pixels; ++x)
      if ((2 * x + 1) * side / (2 * pixels) == cell) found.push_back(x);
    if (found.empty()) found.push_back((2 * cell + 1) * pixels / (2 * side));
    return found;
  };
  const size_t regions = drawn.end.size();
  std::vector<std::vector<uint32_t>> counts(static_cast<size_t>(side * side), std::vector<uint32_t>(regions));
  for (int v = 0; v < side; ++v)
    for (int u = 0; u < side; ++u)
      for (const int y : members(v, mask.height))
        for (const int x : members(u, mask.width))
          if (const int r = label[static_cast<size_t>(y) * width + static_cast<size_t>(x)]; r >= 0)
            ++counts[static_cast<size_t>(v * side + u)][static_cast<size_t>(r)];
  std::vector<std::vector<uint32_t>> result(regions);
  defect.assign(counts.size(), 0);
  for (uint32_t cell = 0; cell < counts.size(); ++cell) {
    const auto most = std::ranges::max_element(counts[cell]);
    if (most == counts[cell].end() || *most == 0) continue;
    defect[cell] = 255;
    result[static_cast<size_t>(most - counts[cell].begin())].push_back(cell);
  }
  for (size_t r = 0; r < regions; ++r)
    if (result[r].empty()) {
      uint32_t best = 0;
      for (uint32_t cell = 1; cell < counts.size(); ++cell)
        if (counts[cell][r] > counts[best][r]) best = cell;
      result[r].push_back(best);
    }
  return result;
}

}  // namespace

TEST_CASE("a mask as drawn keeps its pixels and regions", "[iuf][metrics][mask]") {
  const DefectMask mask = drawn_mask(mask_of(4, {1, 0, 0, 9, 0, 1, 0, 0}));
  CHECK(mask.width == 4);
  CHECK(mask.height == 2);
  CHECK(mask.defect == std::vector<uint8_t>{1, 0, 0, 9, 0, 1, 0, 0});
  CHECK(regions_of(mask) == std::vector<std::vector<uint32_t>>{{0, 5}, {3}});
}

TEST_CASE("on a grid the larger share names a cell, and no region disappears", "[iuf][metrics][mask]") {
  // Cells of 3 x 3 pixels. The first holds 2 pixels of one region, 1 of another that has nothing else.
  const DefectMask grid = grid_mask(mask_of(6, {1, 1, 0, 0, 0, 0,    //
                                                0, 0, 0, 0, 0, 0,    //
                                                0, 1, 0, 0, 0, 0,    //
                                                0, 0, 0, 0, 0, 0,    //
                                                0, 0, 0, 0, 1, 0,    //
                                                0, 0, 0, 0, 0, 0}),  //
                                    2);
  CHECK(grid.defect == std::vector<uint8_t>{255, 0, 0, 255});
  CHECK(regions_of(grid) == std::vector<std::vector<uint32_t>>{{0}, {0}, {3}});
}

TEST_CASE("a mask smaller than the grid keeps its shape", "[iuf][metrics][mask]") {
  const DefectMask grid = grid_mask(mask_of(2, {1, 0, 0, 0}), 4);
  CHECK(grid.defect == std::vector<uint8_t>{255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(regions_of(grid) == std::vector<std::vector<uint32_t>>{{0, 1, 4, 5}});
}

TEST_CASE("a mask on a grid equals the rule, cell by cell", "[iuf][metrics][mask]") {
  const auto [width, height] = GENERATE(std::make_pair(40, 40), std::make_pair(61, 23), std::make_pair(5, 90),
                                        std::make_pair(7, 3), std::make_pair(1, 1));
  const auto side = GENERATE(1, 2, 7, 16, 40);
  const auto one_in = GENERATE(2u, 9u, 70u);
  CAPTURE(width, height, side, one_in);
  Dice dice(static_cast<uint32_t>(width * 100 + side) + one_in);
  Image mask = blank_image(width, height, 1);
  for (uint8_t& pixel : mask.pixels) pixel = dice.below(one_in) == 0 ? 255 : 0;
  const DefectMask grid = grid_mask(mask, side);
  std::vector<uint8_t> defect;
  CHECK(regions_of(grid) == slow_grid(mask, side, defect));
  CHECK(grid.defect == defect);
  CHECK(grid.regions.end.size() == connected_regions(mask.pixels, static_cast<size_t>(width)).end.size());
}
