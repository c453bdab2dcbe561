#include "iuf/image/stretch.h"

#include <algorithm>

#include "tensor/error.h"

namespace iuf {

Stretch::Stretch(std::span<const float> map, int map_width, int map_height, int width, int height)
    : map_(map), stride_(static_cast<size_t>(std::max(map_width, 0))) {
  if (map_width <= 0 || map_height <= 0 || map.size() != stride_ * static_cast<size_t>(map_height))
    fail("a map of ", map_width, " x ", map_height, " has ", map.size(), " values");
  if (width <= 0 || height <= 0) fail("a map stretched to ", width, " x ", height, ": no side may be 0");
  columns_ = taps(width, map_width);
  rows_ = taps(height, map_height);
}

std::vector<Stretch::Tap> Stretch::taps(int size, int source) {
  std::vector<Tap> result(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    const double centre = std::clamp((i + 0.5) * source / size - 0.5, 0.0, source - 1.0);
    const size_t first = static_cast<size_t>(centre);
    result[static_cast<size_t>(i)] = {first, std::min(first + 1, static_cast<size_t>(source) - 1),
                                      static_cast<float>(centre - static_cast<double>(first))};
  }
  return result;
}

float Stretch::at(size_t x, size_t y) const {
  const Tap &column = columns_[x], &row = rows_[y];
  const float *above = map_.data() + row.first * stride_, *below = map_.data() + row.second * stride_;
  return mix(mix(above[column.first], above[column.second], column.weight),
             mix(below[column.first], below[column.second], column.weight), row.weight);
}

// In the place that does not hold the row `keep`.
const std::vector<float>& Stretch::Rows::across(size_t map_row, size_t keep) {
  for (size_t i = 0; i < 2; ++i)
    if (held_row_[i] == map_row) return held_[i];
  const size_t place = held_row_[0] == keep ? 1 : 0;
  std::vector<float>& row = held_[place];
  row.resize(stretch_.width());
  held_row_[place] = map_row;
  const float* map = stretch_.map_.data() + map_row * stretch_.stride_;
  for (size_t x = 0; x < row.size(); ++x) {
    const Tap& column = stretch_.columns_[x];
    row[x] = mix(map[column.first], map[column.second], column.weight);
  }
  return row;
}

std::span<const float> Stretch::Rows::operator()(size_t y) {
  const Tap& tap = stretch_.rows_[y];
  const std::vector<float>& above = across(tap.first, tap.second);
  if (tap.weight == 0) return above;
  const std::vector<float>& below = across(tap.second, tap.first);
  for (size_t x = 0; x < row_.size(); ++x) row_[x] = above[x] + tap.weight * (below[x] - above[x]);
  return row_;
}

}  // namespace iuf
