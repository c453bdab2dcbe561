#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/paper/metrics.h"

// Which pixels of an image show a defect, and which regions they form, at the size at which pixel figures are counted.
namespace iuf {

struct DefectMask {
  size_t width = 0, height = 0;
  std::vector<uint8_t> defect = {};   // row-major, 0: normal
  Regions regions = {};               // of its pixels; on a grid a cell may belong to several
  std::vector<uint8_t> ignored = {};  // pixels that count in no figure, and show no defect; empty: none
};

/// The mask (1 channel, 0: normal) as drawn.
DefectMask drawn_mask(Image mask);

/// The mask on a grid of side x side cells.
/// - A mask pixel is in the cell that its centre lies in. A cell that holds no centre, because the mask is smaller than
///   the grid, has the pixel that its own centre lies in; the same for rows and columns.
/// - A cell is defective if any of its pixels is.
/// - Regions are those of the mask as drawn. A cell belongs to the one with most pixels in it; among equals to the
///   first in reading order.
/// - A region that has no cell by this rule gets the cell that has most of its pixels, the first among equals: none
///   disappears, and such a cell counts for several regions.
DefectMask grid_mask(const Image& mask, int64_t side);

/// The map on such a grid, for one that has fewer cells than the square map: the greatest of the values in each cell,
/// as a cell is defective where any of its pixels is. Throws Error naming the image for a value that is not finite.
std::vector<float> grid_map(const std::string& name, std::span<const float> map, int64_t map_side, int64_t side);

}  // namespace iuf
