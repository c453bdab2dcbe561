#include "iuf/checks/picture_layout.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "iuf/checks/median.h"

namespace iuf {
namespace {

constexpr int kLayoutCell = 8, kMostLayoutCells = 32, kFewestLayoutCells = 4;

int layout_begin(int cell, int cells, int pixels) {
  return static_cast<int>(static_cast<int64_t>(cell) * pixels / cells);
}

// Sums of the three channels.
std::vector<int> line_of(const Image& image, int y) {
  std::vector<int> line(static_cast<size_t>(image.width));
  const uint8_t* rgb = image.row(y);
  for (int& value : line) {
    value = rgb[0] + rgb[1] + rgb[2];
    rgb += 3;
  }
  return line;
}

using CellSums = std::array<int64_t, 4>;  // of a PictureLayout::Value each

void add_row(const Image& image, int y, const std::vector<int>& line, int columns, std::vector<CellSums>& sums) {
  for (int column = 0; column < columns; ++column) {
    const int left = layout_begin(column, columns, image.width), right = layout_begin(column + 1, columns, image.width);
    const uint8_t* rgb = image.row(y) + 3 * left;
    int red = 0, green = 0, blue = 0, detail = 0;
    for (int x = left; x < right; ++x, rgb += 3) {
      red += rgb[0];
      green += rgb[1];
      blue += rgb[2];
    }
    for (auto x = static_cast<size_t>(left) + 1; x < static_cast<size_t>(right); ++x)
      detail += std::abs(line[x] - line[x - 1]);
    CellSums& own = sums[static_cast<size_t>(column)];
    own[PictureLayout::red] += red;
    own[PictureLayout::green] += green;
    own[PictureLayout::blue] += blue;
    own[PictureLayout::detail] += detail;
  }
}

// How much a row differs from the one above it, added up for each cell.
void add_down(const std::vector<int>& line, const std::vector<int>& above, int columns, std::vector<int64_t>& sums) {
  const auto width = static_cast<int>(line.size());
  for (int column = 0; column < columns; ++column)
    for (int x = layout_begin(column, columns, width); x < layout_begin(column + 1, columns, width); ++x)
      sums[static_cast<size_t>(column)] += std::abs(line[static_cast<size_t>(x)] - above[static_cast<size_t>(x)]);
}

constexpr int kLayoutPieces = 8;  // of a line of pixels, four for each half

// Sums of the pixels of a line, three channels each, by piece.
struct LineSums {
  std::array<std::vector<int64_t>, kLayoutPieces> sums = {};  // of each line
  std::array<int, kLayoutPieces> pixels = {};
};

size_t piece_of(int pixel, int pixels) {
  return static_cast<size_t>(((pixel + 1) * int64_t{kLayoutPieces} - 1) / pixels);
}

void add_to_lines(const std::vector<int>& row, size_t piece, LineSums& upright, LineSums& across) {
  std::vector<int64_t>& columns = upright.sums[piece];
  for (size_t x = 0; x < row.size(); ++x) columns[x] += row[x];
  const auto width = static_cast<int>(row.size());
  for (int k = 0; k < kLayoutPieces; ++k) {
    int64_t sum = 0;
    for (int x = layout_begin(k, kLayoutPieces, width); x < layout_begin(k + 1, kLayoutPieces, width); ++x)
      sum += row[static_cast<size_t>(x)];
    across.sums[static_cast<size_t>(k)].push_back(sum);
  }
}

// By how many levels each line is above those beside it in all pieces of a half, or below: 0 where these disagree.
void add_lines(const LineSums& pieces, size_t half, std::vector<float>& lines) {
  const size_t last = pieces.sums.front().size() - 1;
  for (size_t i = 0; i <= last; ++i) {
    double highest = 0, lowest = 0;
    for (size_t k = half * kLayoutPieces / 2; k < (half + 1) * kLayoutPieces / 2; ++k) {
      const std::vector<int64_t>& sums = pieces.sums[k];
      const int64_t before = sums[i > 0 ? i - 1 : 1], behind = sums[i < last ? i + 1 : last - 1];
      const double above = static_cast<double>(2 * sums[i] - before - behind) / (6.0 * pieces.pixels[k]);
      const bool is_first = 2 * k == half * kLayoutPieces;
      highest = is_first ? above : std::max(highest, above);
      lowest = is_first ? above : std::min(lowest, above);
    }
    lines.push_back(static_cast<float>(lowest > 0 ? lowest : highest < 0 ? highest : 0));
  }
}

// Of pixels that are as the corner at (x, y), along the side that goes by these steps.
int run_from(const Image& image, int x, int y, int right, int down) {
  constexpr int kAlike = 4;  // levels
  const uint8_t* corner = image.row(y) + 3 * x;
  int run = 0;
  for (; x >= 0 && x < image.width && y >= 0 && y < image.height; x += right, y += down, ++run) {
    const uint8_t* rgb = image.row(y) + 3 * x;
    for (int c = 0; c < 3; ++c)
      if (std::abs(rgb[c] - corner[c]) > kAlike) return run;
  }
  return run;
}

float corner_of(const Image& image, bool right, bool bottom) {
  const int x = right ? image.width - 1 : 0, y = bottom ? image.height - 1 : 0;
  const double across = run_from(image, x, y, right ? -1 : 1, 0), down = run_from(image, x, y, 0, bottom ? -1 : 1);
  return static_cast<float>(std::max(across / image.width, down / image.height));
}

}  // namespace

std::vector<double> PictureLayout::gray() const {
  std::vector<double> means(cells[red].size());
  for (size_t i = 0; i < means.size(); ++i)
    means[i] = (static_cast<double>(cells[red][i]) + static_cast<double>(cells[green][i]) +
                static_cast<double>(cells[blue][i])) /
               3;
  return means;
}

PictureLayout layout_of(const Image& image) {
  PictureLayout layout{.width = image.width, .height = image.height};
  const int columns = std::min(image.width / kLayoutCell, kMostLayoutCells),
            rows = std::min(image.height / kLayoutCell, kMostLayoutCells);
  if (std::min(columns, rows) < kFewestLayoutCells) return layout;
  layout.columns = columns;
  layout.rows = rows;
  LineSums upright, across;
  for (size_t k = 0; k < kLayoutPieces; ++k) {
    const auto piece = static_cast<int>(k);
    upright.sums[k].resize(static_cast<size_t>(image.width));
    upright.pixels[k] =
        layout_begin(piece + 1, kLayoutPieces, image.height) - layout_begin(piece, kLayoutPieces, image.height);
    across.pixels[k] =
        layout_begin(piece + 1, kLayoutPieces, image.width) - layout_begin(piece, kLayoutPieces, image.width);
  }
  std::vector<int> above = line_of(image, 0);
  for (int row = 0; row < rows; ++row) {
    const int top = layout_begin(row, rows, image.height), bottom = layout_begin(row + 1, rows, image.height);
    std::vector<CellSums> sums(static_cast<size_t>(columns));
    std::vector<int64_t> down(static_cast<size_t>(columns));
    for (int y = top; y < bottom; ++y) {
      std::vector<int> line = line_of(image, y);
      add_row(image, y, line, columns, sums);
      add_down(line, above, columns, down);
      add_to_lines(line, piece_of(y, image.height), upright, across);
      above = std::move(line);
    }
    for (int column = 0; column < columns; ++column) {
      const int wide = layout_begin(column + 1, columns, image.width) - layout_begin(column, columns, image.width);
      const double pixels = static_cast<double>(wide) * (bottom - top);
      const CellSums& own = sums[static_cast<size_t>(column)];
      for (size_t v = 0; v < own.size(); ++v)
        layout.cells[v].push_back(
            static_cast<float>(static_cast<double>(own[v]) / (v == PictureLayout::detail ? 3 * pixels : pixels)));
      layout.detail_down.push_back(
          static_cast<float>(static_cast<double>(down[static_cast<size_t>(column)]) / (3 * pixels)));
    }
  }
  for (const LineSums* sums : {&upright, &across})
    for (size_t half = 0; half < 2; ++half) add_lines(*sums, half, layout.lines);
  for (size_t i = 0; i < layout.corners.size(); ++i) layout.corners[i] = corner_of(image, i % 2 == 1, i >= 2);
  return layout;
}

bool are_comparable(const PictureLayout& a, const PictureLayout& b) {
  return a.columns > 0 && a.width == b.width && a.height == b.height;
}

PartPose pose_of(const std::vector<double>& gray, const PictureLayout& layout) {
  constexpr double kAboveGround = 3;  // the usual deviation of the background, that many times
  const auto is_border = [&](int column, int row) {
    return column == 0 || row == 0 || column == layout.columns - 1 || row == layout.rows - 1;
  };
  std::vector<double> border;
  for (int row = 0; row < layout.rows; ++row)
    for (int column = 0; column < layout.columns; ++column)
      if (is_border(column, row)) border.push_back(gray[static_cast<size_t>(row * layout.columns + column)]);
  if (border.empty()) return {};
  const double ground = median(border);
  for (double& value : border) value = std::abs(value - ground);
  const double least = kAboveGround * median(border) + 2;
  double all = 0, x = 0, y = 0, xx = 0, yy = 0;
  for (int row = 0; row < layout.rows; ++row)
    for (int column = 0; column < layout.columns; ++column) {
      const double weight =
          std::max(0.0, std::abs(gray[static_cast<size_t>(row * layout.columns + column)] - ground) - least);
      const double right = (column + 0.5) / layout.columns, down = (row + 0.5) / layout.rows;
      all += weight;
      x += weight * right;
      y += weight * down;
      xx += weight * right * right;
      yy += weight * down * down;
    }
  if (all <= 0) return {};
  x /= all;
  y /= all;
  const double side = std::max(layout.width, layout.height), wide = layout.width / side, high = layout.height / side;
  const double squares = (xx / all - x * x) * wide * wide + (yy / all - y * y) * high * high;
  return {.found = true, .x = x, .y = y, .radius = std::sqrt(std::max(0.0, squares))};
}

}  // namespace iuf
