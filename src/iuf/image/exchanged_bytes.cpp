#include "iuf/image/exchanged_bytes.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace iuf {
namespace {

constexpr double kFactor = 8;  // noise alone has 1, and bytes in their right order less
constexpr double kByteOccurs = 0.001;

int exchanged(int value) {
  return (value & 255) << 8 | value >> 8;
}

// Whether the low bytes say more than where a picture is black or full.
bool has_low_bytes(const Raster& raster) {
  std::array<size_t, 256> count = {};
  for (size_t i = 0; i < raster.count(); ++i) ++count[static_cast<size_t>(raster.at(i) & 255)];
  count[0] = count[255] = 0;
  const auto least = static_cast<size_t>(kByteOccurs * static_cast<double>(raster.count()));
  return std::ranges::any_of(count, [&](size_t own) { return own > least; }) &&
         std::ranges::count_if(count, [&](size_t own) { return own > 0; }) > 1;
}

}  // namespace

double exchanged_bytes(const Raster& raster) {
  if (raster.sample_bytes != 2 || !has_low_bytes(raster)) return 0;
  int64_t stored = 0, other = 0;
  const auto next = static_cast<size_t>(raster.channels);
  for (size_t i = 0; i + next < raster.count(); ++i) {
    const int a = raster.at(i), b = raster.at(i + next);
    stored += std::abs(a - b);
    other += std::abs(exchanged(a) - exchanged(b));
  }
  const double factor = static_cast<double>(stored) / static_cast<double>(std::max<int64_t>(other, 1));
  return factor > kFactor ? factor : 0;
}

}  // namespace iuf
