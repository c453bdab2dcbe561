#include "iuf/run/defect_regions.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "iuf/paper/metrics.h"
#include "iuf/stats/threshold.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// Of these cells of a map.
DefectRegion region_of(std::span<const float> map, std::span<const uint32_t> cells, int64_t side, int64_t width,
                       int64_t height) {
  int64_t left = side, right = 0, top = side, bottom = 0, peak = cells[0];
  for (const int64_t cell : cells) {
    left = std::min(left, cell % side);
    right = std::max(right, cell % side + 1);
    top = std::min(top, cell / side);
    bottom = std::max(bottom, cell / side + 1);
    if (map[static_cast<size_t>(cell)] > map[static_cast<size_t>(peak)]) peak = cell;
  }
  // A photograph smaller than the map has several cells in a pixel.
  const auto end = [&](int64_t cell, int64_t pixels) { return (cell * pixels + side - 1) / side; };
  const double cell_area = static_cast<double>(width) * static_cast<double>(height) / static_cast<double>(side * side);
  DefectRegion region{.x = left * width / side, .y = top * height / side};
  region.width = end(right, width) - region.x;
  region.height = end(bottom, height) - region.y;
  region.area = std::max<int64_t>(1, std::llround(cell_area * static_cast<double>(cells.size())));
  region.peak = static_cast<double>(map[static_cast<size_t>(peak)]);
  region.peak_x = (2 * (peak % side) + 1) * width / (2 * side);
  region.peak_y = (2 * (peak / side) + 1) * height / (2 * side);
  return region;
}

// A range of cells, the end excluded.
struct CellRange {
  int64_t begin, end;
};

// The cells that a pixel of so many shows, along one side.
CellRange cells_of(int64_t pixel, int64_t pixels, int64_t side) {
  if (pixels >= side) {
    const int64_t cell = (2 * pixel + 1) * side / (2 * pixels);
    return {cell, cell + 1};
  }
  // The first cell whose centre, (2 c + 1) pixels / (2 side), is no less than a pixel's begin.
  const auto first = [&](int64_t at) { return std::max<int64_t>(0, (2 * side * at + pixels - 1) / (2 * pixels)); };
  return {first(pixel), std::min(side, first(pixel + 1))};
}

}  // namespace

std::vector<uint8_t> defect_cells(std::span<const float> map, double threshold) {
  const auto peak = static_cast<double>(std::ranges::max(map));
  if (peak <= threshold) threshold = (quantile({map.begin(), map.end()}, 0.5) + peak) / 2;
  std::vector<uint8_t> above(map.size());
  std::ranges::transform(map, above.begin(), [&](float v) { return static_cast<double>(v) > threshold; });
  return above;
}

CellPixels::CellPixels(std::vector<uint8_t> cells, int64_t side, int64_t width, int64_t height)
    : cells_(std::move(cells)),
      side_(side),
      width_(width),
      height_(height),
      row_(static_cast<size_t>(std::max<int64_t>(width, 0))) {
  if (side < 1 || std::ssize(cells_) != side * side || width < 1 || height < 1)
    fail("cells of a map: ", cells_.size(), " of side ", side, " for a photograph of ", width, " x ", height);
}

const uint8_t* CellPixels::row(int64_t y) {
  const CellRange rows = cells_of(y, height_, side_);
  if (rows.begin == shown_ && rows.end == end_) return row_.data();
  shown_ = rows.begin;
  end_ = rows.end;
  for (int64_t x = 0; x < width_; ++x) {
    const CellRange columns = cells_of(x, width_, side_);
    bool any = false;
    for (int64_t r = rows.begin; r < rows.end; ++r)
      for (int64_t c = columns.begin; c < columns.end; ++c) any = any || cells_[static_cast<size_t>(r * side_ + c)];
    row_[static_cast<size_t>(x)] = any ? 255 : 0;
  }
  return row_.data();
}

std::vector<DefectRegion> defect_regions(std::span<const float> map, int64_t side, double threshold, int64_t width,
                                         int64_t height) {
  if (side < 1 || std::ssize(map) != side * side || width < 1 || height < 1)
    fail("defect_regions: ", map.size(), " values of side ", side, " for a photograph of ", width, " x ", height);
  const Regions found = connected_regions(defect_cells(map, threshold), static_cast<size_t>(side));
  std::vector<DefectRegion> regions;
  size_t begin = 0;
  for (const size_t end : found.end) {
    regions.push_back(region_of(map, std::span(found.pixels).subspan(begin, end - begin), side, width, height));
    begin = end;
  }
  std::ranges::stable_sort(regions, std::ranges::greater(), &DefectRegion::peak);
  regions.resize(std::min(regions.size(), kMostRegions));
  return regions;
}

}  // namespace iuf
