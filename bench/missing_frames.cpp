#include "bench/missing_frames.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "tensor/random.h"

namespace iuf::bench {
namespace {

using Colour = std::array<double, 3>;
constexpr Colour kGray = {128, 128, 128};

enum class Border { left, right, top, bottom };

// The strip along a border, mirrored again and again over the picture.
Image mirrored(const Image& photograph, Border border) {
  const bool across = border == Border::left || border == Border::right;
  const int length = across ? photograph.width : photograph.height, strip = std::max(2, length / 12);
  Image image = photograph;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const int at = across ? x : y, folded = at % (2 * strip), inside = std::min(folded, 2 * strip - 1 - folded);
      const int from = border == Border::left || border == Border::top ? inside : length - 1 - inside;
      const uint8_t* source = across ? photograph.row(y) + 3 * from : photograph.row(from) + 3 * x;
      std::copy_n(source, 3, image.row(y) + 3 * x);
    }
  return image;
}

class Frames {
 public:
  Frames(const Image& like, uint64_t seed) : like_(like), random_{seed} {}

  Image flat(const Colour& colour) const {
    return painted([&](size_t, size_t c) { return colour[c]; });
  }
  /// Normal noise; `per_pixel` 3: different in the three channels.
  Image noisy(const Colour& colour, double deviation, int64_t per_pixel) {
    Tensor noise({pixels() * per_pixel});
    fill_normal(noise, 0, static_cast<real>(deviation), random_.stream());
    return painted([&](size_t i, size_t c) {
      return colour[c] + static_cast<double>(noise.data()[per_pixel == 3 ? 3 * i + c : i]);
    });
  }
  /// Uniform noise in squares of this side.
  Image uniform(int side, int64_t per_square) {
    const int columns = (like_.width + side - 1) / side, rows = (like_.height + side - 1) / side;
    Tensor noise({int64_t{columns} * rows * per_square});
    fill_uniform(noise, 0, 256, random_.stream());
    return painted([&](size_t i, size_t c) {
      const auto width = static_cast<size_t>(like_.width), step = static_cast<size_t>(side);
      const size_t square = i / width / step * static_cast<size_t>(columns) + i % width / step;
      return std::floor(static_cast<double>(noise.data()[per_square == 3 ? 3 * square + c : square]));
    });
  }

 private:
  int64_t pixels() const { return int64_t{like_.width} * like_.height; }
  template <class Value>
  Image painted(const Value& value) const {
    Image image = blank_image(like_.width, like_.height, 3);
    for (size_t i = 0; i < static_cast<size_t>(pixels()); ++i)
      for (size_t c = 0; c < 3; ++c)
        image.pixels[3 * i + c] = static_cast<uint8_t>(std::clamp(std::round(value(i, c)), 0.0, 255.0));
    return image;
  }

  const Image& like_;
  Random random_;
};

Colour mean_colour(const std::vector<Image>& photographs) {
  Colour mean = {};
  for (const Image& image : photographs)
    for (size_t i = 0; i < image.pixels.size(); ++i)
      mean[i % 3] += image.pixels[i] * 3.0 / static_cast<double>(image.pixels.size() * photographs.size());
  return mean;
}

}  // namespace

const std::vector<std::string>& missing_kinds() {
  static const std::vector<std::string> kinds = {"background", "flat", "noise", "black", "white"};
  return kinds;
}

std::vector<MissingFrame> missing_frames(const std::vector<Image>& photographs, uint64_t seed) {
  std::vector<MissingFrame> frames;
  const auto add = [&](const std::string& kind, Image image) { frames.push_back({kind, std::move(image)}); };
  for (const Image& photograph : photographs)
    for (const Border border : {Border::left, Border::right, Border::top, Border::bottom})
      add("background", mirrored(photograph, border));
  Frames make(photographs.front(), seed);
  const Colour mean = mean_colour(photographs);
  for (double v = 32; v < 256; v += 32) add("flat", make.flat({v, v, v}));
  add("flat", make.flat(mean));
  for (const int side : {1, 8})
    for (const int64_t channels : {1, 3}) add("noise", make.uniform(side, channels));
  for (const double deviation : {5, 15, 30, 60}) {
    for (const int64_t channels : {1, 3}) add("noise", make.noisy(kGray, deviation, channels));
    add("noise", make.noisy(mean, deviation, 3));
  }
  for (const auto& [kind, value] : {std::pair{"black", 0.0}, std::pair{"white", 255.0}}) {
    const Colour colour = {value, value, value};
    add(kind, make.flat(colour));
    for (const double deviation : {1, 2, 5}) add(kind, make.noisy(colour, deviation, 3));
  }
  return frames;
}

}  // namespace iuf::bench
