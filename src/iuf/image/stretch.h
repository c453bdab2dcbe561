#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace iuf {

/// A row-major map at another size: bilinear with pixel centres aligned, borders repeated. Shrinking takes the value
/// under each centre and averages nothing. It is computed row by row, so that the large map is never held. A
/// neighbour without weight does not matter, be it NaN. The map must outlive it.
class Stretch {
 public:
  /// Throws Error for an empty size, or a map that does not have map_width * map_height values.
  Stretch(std::span<const float> map, int map_width, int map_height, int width, int height);

  size_t width() const { return columns_.size(); }
  size_t height() const { return rows_.size(); }
  /// The values of the given map.
  std::span<const float> map() const { return map_; }
  float at(size_t x, size_t y) const;

  /// Reads rows, at best from the top down; one for each thread. Every value is that of at(), bit for bit.
  class Rows {
   public:
    explicit Rows(const Stretch& stretch) : stretch_(stretch), row_(stretch.width()) {}
    /// Row y, until the next call.
    std::span<const float> operator()(size_t y);

   private:
    const std::vector<float>& across(size_t map_row, size_t keep);

    const Stretch& stretch_;
    std::vector<float> row_;
    std::vector<float> held_[2] = {};  // rows of the map at the wanted width
    size_t held_row_[2] = {SIZE_MAX, SIZE_MAX};
  };

 private:
  /// The two neighbours of a pixel and the weight of the second.
  struct Tap {
    size_t first, second;
    float weight;
  };
  static std::vector<Tap> taps(int size, int source);
  static float mix(float a, float b, float weight) { return weight == 0 ? a : a + weight * (b - a); }

  std::span<const float> map_;
  size_t stride_;
  std::vector<Tap> columns_, rows_;
};

}  // namespace iuf
