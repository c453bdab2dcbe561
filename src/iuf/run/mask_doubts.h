#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "iuf/image/ignored_region.h"
#include "iuf/image/image.h"

namespace iuf {

/// What masks say against the figures of an object: that its defects lie where nothing is looked at, or that images are
/// found by something else. Thread-safe; the order of the images does not matter.
class MaskDoubts {
 public:
  /// Of a defective image the anomaly map (side x side) and the mask (one channel, of any size; 0 is normal), what is
  /// ignored (null: nothing), and whether it has an alarm.
  void add(std::span<const float> map, int64_t side, const Image& mask, const IgnoredRegion* ignored, bool alarm);
  /// A line for each: masks that lie in what is ignored for at least kHidden of their area; and where at least
  /// kFewestFound are found, and at least kBeside of these by something else: the map's highest place is further than a
  /// tenth of the side from the mask, and half of what the mask marks is no higher than kUsual of the picture.
  std::vector<std::string> remarks() const;
  static constexpr double kHidden = 0.8, kBeside = 0.8, kUsual = 0.7;
  static constexpr size_t kFewestFound = 5;

 private:
  mutable std::mutex mutex_ = {};
  size_t images_ = 0, hidden_ = 0, found_ = 0, beside_ = 0;
};

}  // namespace iuf
