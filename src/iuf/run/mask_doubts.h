#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "iuf/image/ignored_region.h"
#include "iuf/image/image.h"

namespace iuf {

/// What masks say against the figures of an object: that its defects lie where nothing is looked at, that images are
/// found by something else, or that the masks were drawn from such a map. Thread-safe; the order of the images does not
/// matter.
class MaskDoubts {
 public:
  /// Of a defective image the anomaly map (side x side) and the mask (one channel, of any size; 0 is normal), what is
  /// ignored (null: nothing), and whether it has an alarm.
  void add(std::span<const float> map, int64_t side, const Image& mask, const IgnoredRegion* ignored, bool alarm);
  /// A line for each: masks that lie in what is ignored for at least kHidden of their area; and where at least
  /// kFewestFound are found, and at least kBeside of these by something else: the map's highest place is further than a
  /// tenth of the side from the mask, and half of what the mask marks is no higher than kUsual of the picture; and
  /// where at least kFewestFound are found, of which nine tenths have a mask that is what the map is above some height:
  /// the two share kAlike of what either marks, which masks drawn by people do not.
  std::vector<std::string> remarks() const;
  static constexpr double kHidden = 0.8, kBeside = 0.8, kUsual = 0.7, kAlike = 0.85;
  static constexpr size_t kFewestFound = 5;

 private:
  mutable std::mutex mutex_ = {};
  size_t images_ = 0, hidden_ = 0, found_ = 0, beside_ = 0, drawn_ = 0;
};

}  // namespace iuf
