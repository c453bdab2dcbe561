#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "iuf/data/field_rules.h"

namespace iuf {

/// A place of a photograph that its anomaly map shows as a defect, in pixels of the photograph.
struct DefectRegion {
  int64_t x = 0, y = 0, width = 0, height = 0;  // the smallest upright box around it
  int64_t area = 0;
  double peak = 0;                 // the map's largest value in it
  int64_t peak_x = 0, peak_y = 0;  // where that is

  bool operator==(const DefectRegion&) const = default;
  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("x", self.x, kCount);
    field("y", self.y, kCount);
    field("width", self.width, kCount);
    field("height", self.height, kCount);
    field("area", self.area, kCount);
    field("peak", self.peak);
    field("peak_x", self.peak_x, kCount);
    field("peak_y", self.peak_y, kCount);
  }
};

/// The 8-connected regions of a map (side x side) above the threshold, the highest peak first, kMostRegions at most, in
/// a photograph of width x height pixels. The scores of some methods are no value of their maps: where nothing in the
/// map is above the threshold, the regions are those above the middle between its median and its peak, which a constant
/// map has none of.
std::vector<DefectRegion> defect_regions(std::span<const float> map, int64_t side, double threshold, int64_t width,
                                         int64_t height);
constexpr size_t kMostRegions = 100;

/// The cells of a map in such regions, also of those beyond kMostRegions: side x side, 1 or 0.
std::vector<uint8_t> defect_cells(std::span<const float> map, double threshold);

/// Cells (side x side) as pixels of a photograph: a pixel is that of the cell under its centre and, of a photograph
/// smaller than the map, of every cell whose centre it holds. So each region has a pixel at least, none leaves its box,
/// and its peak is one of them.
class CellPixels {
 public:
  CellPixels(std::vector<uint8_t> cells, int64_t side, int64_t width, int64_t height);
  /// Row y: 255 or 0 a pixel, until the next call.
  const uint8_t* row(int64_t y);

 private:
  std::vector<uint8_t> cells_;
  int64_t side_, width_, height_;
  std::vector<uint8_t> row_ = {};
  int64_t shown_ = -1, end_ = -1;  // rows of cells that row_ is made of
};

}  // namespace iuf
