#include "iuf/checks/frozen_frames.h"

#include <algorithm>
#include <span>

#include "nn/hash.h"

namespace iuf {
namespace {

constexpr int kTilesAcross = 8, kLeastPixels = 64;
constexpr size_t kLeastStructured = 8;
constexpr int kLeastContrast = 24;  // in one channel: more than noise has in a flat tile

uint64_t hash_of(const Image& image, int left, int right, int top, int bottom) {
  uint64_t hash = 1;
  int lowest = 255, highest = 0;
  for (int y = top; y < bottom; ++y) {
    const size_t from = (static_cast<size_t>(y) * static_cast<size_t>(image.width) + static_cast<size_t>(left)) * 3;
    const std::span row(image.pixels.data() + from, static_cast<size_t>(right - left) * 3);
    hash = hash_bytes(std::as_bytes(row), hash);
    for (size_t i = 1; i < row.size(); i += 3) {  // green
      lowest = std::min<int>(lowest, row[i]);
      highest = std::max<int>(highest, row[i]);
    }
  }
  return highest - lowest < kLeastContrast ? 0 : std::max<uint64_t>(hash, 1);
}

}  // namespace

FrameTiles frame_tiles(const Image& image) {
  FrameTiles tiles{};
  if (image.width < kLeastPixels || image.height < kLeastPixels) return tiles;
  for (int row = 0; row < kTilesAcross; ++row)
    for (int column = 0; column < kTilesAcross; ++column)
      tiles[static_cast<size_t>(row * kTilesAcross + column)] =
          hash_of(image, image.width * column / kTilesAcross, image.width * (column + 1) / kTilesAcross,
                  image.height * row / kTilesAcross, image.height * (row + 1) / kTilesAcross);
  return tiles;
}

bool is_same_frame(const FrameTiles& a, const FrameTiles& b) {
  size_t equal = 0, structured = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    equal += a[i] == b[i];
    structured += a[i] == b[i] && a[i] != 0;
  }
  return structured >= kLeastStructured && 4 * equal >= 3 * a.size();
}

}  // namespace iuf
