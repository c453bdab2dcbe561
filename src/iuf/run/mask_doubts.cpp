#include "iuf/run/mask_doubts.h"

#include <algorithm>

#include "iuf/stats/threshold.h"

namespace iuf {
namespace {

// The pixels of a mask that each cell of a map covers.
std::vector<size_t> marked_pixels(const Image& mask, int64_t side) {
  std::vector<size_t> cells(static_cast<size_t>(side * side));
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      if (mask.row(y)[x] != 0) ++cells[static_cast<size_t>(y * side / mask.height * side + x * side / mask.width)];
  return cells;
}

// Whether a cell that is marked is so near to this one.
bool is_near(const std::vector<size_t>& cells, int64_t side, int64_t cell, int64_t reach) {
  const int64_t x = cell % side, y = cell / side;
  for (int64_t row = std::max<int64_t>(0, y - reach); row <= std::min(side - 1, y + reach); ++row)
    for (int64_t column = std::max<int64_t>(0, x - reach); column <= std::min(side - 1, x + reach); ++column)
      if (cells[static_cast<size_t>(row * side + column)] > 0) return true;
  return false;
}

// Whether half of what is marked is no higher than most of the map, without what is left out.
bool is_usual(std::span<const float> map, const std::vector<size_t>& cells, const std::vector<uint8_t>& left_out) {
  std::vector<double> all, inside;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (left_out[i] != 0) continue;
    all.push_back(static_cast<double>(map[i]));
    if (cells[i] > 0) inside.push_back(all.back());
  }
  return !inside.empty() && quantile(inside, 0.5) <= quantile(all, MaskDoubts::kUsual);
}

// Whether a mask is what a map is above some height, as far as cells tell: of the cells of which half is marked, at
// least so many, the share among as many of the highest ones.
bool is_of_map(std::span<const float> map, const std::vector<size_t>& cells, const Image& mask, int64_t side) {
  constexpr size_t kFewestCells = 12;
  const double half = 0.5 * mask.width * mask.height / static_cast<double>(side * side);
  const auto is_marked = [&](size_t i) { return static_cast<double>(cells[i]) >= half; };
  std::vector<size_t> order;
  size_t marked = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    order.push_back(i);
    marked += is_marked(i);
  }
  if (marked < kFewestCells || 2 * marked > cells.size()) return false;
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(marked), order.end(),
                   [&](size_t a, size_t b) { return map[a] > map[b]; });
  const auto both =
      static_cast<size_t>(std::count_if(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(marked), is_marked));
  return static_cast<double>(both) >= MaskDoubts::kAlike * static_cast<double>(2 * marked - both);
}

}  // namespace

void MaskDoubts::add(std::span<const float> map, int64_t side, const Image& mask, const IgnoredRegion* ignored,
                     bool alarm) {
  const std::vector<size_t> cells = marked_pixels(mask, side);
  const std::vector<uint8_t> left_out =
      ignored ? ignored->at(side, side) : std::vector<uint8_t>(static_cast<size_t>(side * side), 0);
  size_t marked = 0, hidden = 0, peak = cells.size();
  for (size_t i = 0; i < cells.size(); ++i) {
    marked += cells[i];
    if (left_out[i] != 0) {
      hidden += cells[i];
      continue;
    }
    if (peak == cells.size() || map[i] > map[peak]) peak = i;
  }
  if (marked == 0 || peak == cells.size()) return;
  const bool is_hidden = static_cast<double>(hidden) >= kHidden * static_cast<double>(marked);
  const bool beside =
      alarm && !is_near(cells, side, static_cast<int64_t>(peak), side / 10) && is_usual(map, cells, left_out);
  const bool is_drawn = alarm && is_of_map(map, cells, mask, side);
  const std::lock_guard lock(mutex_);
  drawn_ += is_drawn;
  ++images_;
  hidden_ += is_hidden;
  found_ += alarm;
  beside_ += beside;
}

std::vector<std::string> MaskDoubts::remarks() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> remarks;
  if (hidden_ > 0)
    remarks.push_back(std::to_string(hidden_) + " of " + std::to_string(images_) +
                      " defects that masks mark lie in what is ignored (--ignore), where nothing is found");
  if (found_ >= kFewestFound && static_cast<double>(beside_) >= kBeside * static_cast<double>(found_))
    remarks.push_back("in " + std::to_string(beside_) + " of " + std::to_string(found_) +
                      " defective test images that are found, the highest place of the map lies beside what the mask "
                      "marks: something else tells them, such as a sticker or another lamp?");
  if (drawn_ >= kFewestFound && 10 * drawn_ >= 9 * found_)
    remarks.push_back("in " + std::to_string(drawn_) + " of " + std::to_string(found_) +
                      " defective test images that are found, the mask is just what the map is above some height: were "
                      "the masks drawn by such a program? Pixel figures then measure it by itself");
  return remarks;
}

}  // namespace iuf
