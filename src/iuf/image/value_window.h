#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/image/image_formats.h"

// Which of the 65536 values of 16-bit images are used.
namespace iuf {

/// So few values of an image may be hot pixels, whatever they say: of 0.1 %, the brightest. Cameras have fewer (about
/// 0.01 % when new), and one in a small picture is still within.
inline constexpr double kHotShare = 0.001;

/// The values of a decoded image of 16 bits, counted.
class DeepValues {
 public:
  explicit DeepValues(const Raster& raster);
  int largest() const { return largest_; }
  /// All but the hot ones are at most this.
  int common() const { return common_; }
  /// Of all values.
  double share_above(int64_t value) const;
  /// 8 to 16: how many bits the common values need. A PNG may say how many count (sBIT). Where its values are scaled
  /// from these to all 16, as the PNG specification demands, it needs 16; where they are not, and lie below 2^n, n.
  int bits_needed() const;

 private:
  std::vector<int64_t> count_;
  int64_t all_ = 0;
  int largest_ = 0, common_ = 0, significant_bits_ = 0;
};

struct WindowChoice {
  ValueWindow window = {};
  std::string text = {};  // what was chosen, and which images it does not suit, for a remark
};
/// 0:2^n - 1 for as many bits as the 16-bit images among these need; none without such. At most a tenth of them is
/// left out where the others need 2 bits less: one such image would take three quarters of its levels, or more, from
/// all others. Errors name the image.
std::optional<WindowChoice> window_of(const std::vector<std::string>& files);

}  // namespace iuf
