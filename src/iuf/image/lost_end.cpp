#include "iuf/image/lost_end.h"

#include <algorithm>

namespace iuf {
namespace {

constexpr size_t kFewestRows = 2;
constexpr size_t kEdge = 16;  // of so many parts of a row; there a dark pixel may lie beside a black border

bool is_zero(std::byte byte) {
  return byte == std::byte{0};
}

// Whether at least nine tenths of these pixels have a byte that is not 0.
bool are_there(Bytes pixels, size_t pixel) {
  size_t all = 0, there = 0;
  for (; pixels.size() >= pixel; pixels = pixels.subspan(pixel), ++all)
    there += !std::ranges::all_of(pixels.first(pixel), is_zero);
  return 10 * there >= 9 * all;
}

}  // namespace

std::string lost_end(Bytes file, const StoredRows& rows) {
  if (rows.pixel == 0) return "";
  size_t end = file.size();
  while (end > rows.at && is_zero(file[end - 1])) --end;
  if (end <= rows.at + rows.stride) return "";
  const size_t line = (end - 1 - rows.at) / rows.stride, first = rows.at + line * rows.stride,
               before = first - rows.stride;
  const size_t kept = (end - first + rows.pixel - 1) / rows.pixel * rows.pixel;
  if (line + 1 + kFewestRows > rows.rows || kEdge * kept < rows.row || kept + rows.row / kEdge > rows.row) return "";
  const Bytes above = file.subspan(before, rows.row);
  if (!are_there(above, rows.pixel) || !are_there(above.subspan(kept), rows.pixel) ||
      !are_there(file.subspan(first, kept), rows.pixel))
    return "";
  return "all bytes from " + std::to_string(end) + " to its end, " + std::to_string(file.size()) +
         ", are 0, from the middle of a row on, as copying leaves them that was broken off";
}

}  // namespace iuf
