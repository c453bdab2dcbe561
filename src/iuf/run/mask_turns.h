#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "iuf/checks/positions.h"
#include "iuf/image/image.h"
#include "iuf/run/mask_stretch.h"

namespace iuf {

/// Whether the masks of an object lie otherwise than their photographs: turned or mirrored, as by a tool that exchanges
/// rows and columns, moved, pasted in half the size, or squeezed along one side (mask_stretch.h). The anomaly maps of
/// most images then fit the masks better in one other position. Thread-safe; the order of the images does not matter.
class MaskTurns {
 public:
  /// An anomaly map of side x side values and the mask of its photograph, of any size (one channel; 0 is normal).
  void add(std::span<const float> map, int64_t side, const Image& mask);
  /// What to say of all masks; empty where they fit best as they are.
  std::string remark() const;
  /// The same where they belong to one another's photographs, as after numbers were given anew: many maps and masks of
  /// different images fit each other best, and far better than their own.
  std::string exchange_remark() const;

 private:
  // Turned and mirrored, the first one as they are; enlarged twice from a part; moved by so many cells each way.
  static constexpr size_t kEnlarged = 5, kMost = 4, kMoved = (2 * kMost + 1) * (2 * kMost + 1);
  struct Position {
    size_t better = 0, worse = 0;  // images, than as they are
    double gain = 0;               // sum over the images, in ranks; of those moved and enlarged in peaks
    double peak_gain = 0;          // in peaks, to compare them by
    size_t far_better = 0;         // images, in peaks; of turns alone
  };
  std::pair<std::string, double> turned() const;  // and the gain, in peaks
  std::string some_turned() const;                // where not most of them are

  mutable std::mutex mutex_ = {};
  std::array<Position, kPositions + kEnlarged + kMoved> positions_ = {};
  size_t images_ = 0;
  std::vector<MapAndMask> pairs_ = {};
};

}  // namespace iuf
