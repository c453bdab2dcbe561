#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

#include "iuf/data/image.h"
#include "iuf/data/positions.h"

namespace iuf {

/// Whether the masks of an object were turned or mirrored against their photographs, as by a tool that exchanges rows
/// and columns: the anomaly maps of nearly all images then fit the masks better in one other position. Thread-safe; the
/// order of the images does not matter.
class MaskTurns {
 public:
  /// An anomaly map of side x side values and the mask of its photograph, of any size (one channel; 0 is normal).
  void add(std::span<const float> map, int64_t side, const Image& mask);
  /// What to say of all masks; empty where they fit best as they are.
  std::string remark() const;

 private:
  struct Position {
    size_t better = 0, worse = 0;  // images, than as they are
    double gain = 0;               // sum over the images
  };
  mutable std::mutex mutex_ = {};
  std::array<Position, kPositions> positions_ = {};
  size_t images_ = 0;
};

}  // namespace iuf
