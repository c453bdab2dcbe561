#include "iuf/paper/defect_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/error.h"

namespace iuf {
namespace {

void require_mask(const Image& mask) {
  if (mask.channels != 1) fail("a mask of ", mask.channels, " channels: 1 is expected");
}

// Along one side: the cells [begin, end) that each pixel is in.
struct Span {
  size_t begin, end;
};
std::vector<Span> cells_of(int pixels, int64_t cells) {
  std::vector<Span> spans;
  std::vector<bool> holds_centre(static_cast<size_t>(cells));
  const auto n = static_cast<size_t>(pixels), m = static_cast<size_t>(cells);
  for (size_t x = 0; x < n; ++x) {
    const size_t own = (2 * x + 1) * m / (2 * n);
    spans.push_back({own, own + 1});
    holds_centre[own] = true;
  }
  for (size_t cell = 0; cell < m; ++cell) {
    if (holds_centre[cell]) continue;
    Span& span = spans[(2 * cell + 1) * n / (2 * m)];
    span = {std::min(span.begin, cell), std::max(span.end, cell + 1)};
  }
  return spans;
}

}  // namespace

DefectMask drawn_mask(Image mask) {
  require_mask(mask);
  const auto width = static_cast<size_t>(mask.width);
  Regions regions = connected_regions(mask.pixels, width);
  return {.width = width,
          .height = static_cast<size_t>(mask.height),
          .defect = std::move(mask.pixels),
          .regions = std::move(regions)};
}

std::vector<float> grid_map(const std::string& name, std::span<const float> map, int64_t map_side, int64_t side) {
  const auto from = static_cast<size_t>(map_side), to = static_cast<size_t>(side);
  if (map.size() != from * from || to > from) fail("grid_map: ", map.size(), " values of side ", from, " to ", to);
  std::vector<float> greatest(to * to, -std::numeric_limits<float>::infinity());
  for (size_t i = 0; i < map.size(); ++i) {
    if (!std::isfinite(map[i])) fail(name, ": score ", i, " of ", map.size(), " of its anomaly map is ", map[i]);
    const size_t y = (2 * (i / from) + 1) * to / (2 * from), x = (2 * (i % from) + 1) * to / (2 * from);
    greatest[y * to + x] = std::max(greatest[y * to + x], map[i]);
  }
  return greatest;
}

DefectMask grid_mask(const Image& mask, int64_t side) {
  require_mask(mask);
  const auto width = static_cast<size_t>(mask.width), n = static_cast<size_t>(side);
  const Regions drawn = connected_regions(mask.pixels, width);
  const std::vector<Span> across = cells_of(mask.width, side), down = cells_of(mask.height, side);
  DefectMask grid{.width = n, .height = n, .defect = std::vector<uint8_t>(n * n), .regions = {}};

  std::vector<uint32_t> pixels(n * n), most(n * n), owner(n * n);  // by cell: of the region at hand, of its owner; who
  std::vector<uint32_t> touched, own_cell;                         // own_cell: by region, where most of it lies
  for (size_t region = 0, next = 0; region < drawn.end.size(); ++region) {
    touched.clear();
    for (; next < drawn.end[region]; ++next) {
      const Span rows = down[drawn.pixels[next] / width], columns = across[drawn.pixels[next] % width];
      for (size_t y = rows.begin; y < rows.end; ++y)
        for (size_t x = columns.begin; x < columns.end; ++x)
          if (pixels[y * n + x]++ == 0) touched.push_back(static_cast<uint32_t>(y * n + x));
    }
    std::ranges::sort(touched);
    own_cell.push_back(*std::ranges::max_element(touched, {}, [&](uint32_t cell) { return pixels[cell]; }));
    for (const uint32_t cell : touched) {
      grid.defect[cell] = 255;
      if (pixels[cell] > most[cell]) {
        most[cell] = pixels[cell];
        owner[cell] = static_cast<uint32_t>(region);
      }
      pixels[cell] = 0;
    }
  }

  // The owned cells by region; then those of regions that own none.
  std::vector<size_t> place(drawn.end.size() + 1);
  for (size_t cell = 0; cell < n * n; ++cell)
    if (grid.defect[cell]) ++place[owner[cell] + 1];
  std::vector<bool> owns(drawn.end.size());
  for (size_t region = 0; region < drawn.end.size(); ++region) {
    owns[region] = place[region + 1] > 0;
    place[region + 1] = place[region] + std::max<size_t>(place[region + 1], 1);
  }
  grid.regions.end.assign(place.begin() + 1, place.end());
  grid.regions.pixels.resize(place.back());
  for (size_t region = 0; region < drawn.end.size(); ++region)
    if (!owns[region]) grid.regions.pixels[place[region]] = own_cell[region];
  for (size_t cell = 0; cell < n * n; ++cell)
    if (grid.defect[cell]) grid.regions.pixels[place[owner[cell]]++] = static_cast<uint32_t>(cell);
  return grid;
}

}  // namespace iuf
