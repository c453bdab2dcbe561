#include "iuf/image/picture_looks.h"

#include <algorithm>
#include <array>

namespace iuf {
namespace {

constexpr int kNearEnd = 8;  // of 0 and 255, in levels: a JPEG's noise around an edge between the two
constexpr double kAllButNoise = 0.995, kOccurs = 0.0005;
constexpr int kConstantSpan = 10;  // levels; sensor noise of deviation 1.5 keeps within
constexpr double kTail = 0.001;    // of the values, left out at each end

using Histogram = std::array<int64_t, 256>;

// The value below which this many lie.
int value_at(const Histogram& histogram, int64_t below) {
  int value = 0;
  for (int64_t sum = histogram[0]; sum <= below && value < 255;) sum += histogram[static_cast<size_t>(++value)];
  return value;
}

// Counts colours that differ until there are many.
class ColourCounts {
 public:
  void add(const uint8_t* rgb) {
    const uint32_t colour = static_cast<uint32_t>(rgb[0]) << 16 | static_cast<uint32_t>(rgb[1]) << 8 | rgb[2];
    if (count_ == kManyColours || (count_ > 0 && colour == last_)) return;
    last_ = colour;
    const auto end = seen_.begin() + count_;
    if (std::find(seen_.begin(), end, colour) == end) seen_[static_cast<size_t>(count_++)] = colour;
  }
  int count() const { return count_; }

 private:
  std::array<uint32_t, kManyColours> seen_ = {};
  int count_ = 0;
  uint32_t last_ = 0;
};

}  // namespace

bool is_like_a_mask(const PictureLooks& looks) {
  return (looks.colours >= 2 && looks.colours <= 4) || looks.black_or_white;
}

bool is_like_a_photograph(const PictureLooks& looks) {
  return looks.colours == kManyColours && looks.black_and_white < 0.9;
}

PictureLooks look_at(const Image& image) {
  std::array<Histogram, 3> histograms = {};
  ColourCounts colours;
  int64_t black = 0, white = 0;
  for (size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    const uint8_t* rgb = &image.pixels[i];
    for (size_t c = 0; c < 3; ++c) ++histograms[c][rgb[c]];
    colours.add(rgb);
    black += std::max({rgb[0], rgb[1], rgb[2]}) <= kNearEnd;
    white += std::min({rgb[0], rgb[1], rgb[2]}) >= 255 - kNearEnd;
  }
  const auto pixels = static_cast<int64_t>(image.pixels.size() / 3);
  const auto tail = static_cast<int64_t>(kTail * static_cast<double>(pixels));
  const auto share = [&](int64_t count) { return static_cast<double>(count) / static_cast<double>(pixels); };
  PictureLooks looks{.colours = colours.count(), .black_and_white = share(black + white)};
  looks.black_or_white = looks.black_and_white >= kAllButNoise && share(black) >= kOccurs && share(white) >= kOccurs;
  looks.nearly_constant = std::ranges::all_of(histograms, [&](const Histogram& h) {
    return value_at(h, pixels - 1 - tail) - value_at(h, tail) <= kConstantSpan;
  });
  return looks;
}

}  // namespace iuf
