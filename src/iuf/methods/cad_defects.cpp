#include "iuf/methods/cad_defects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace iuf {
namespace {

// Uniform numbers of a stream, one after the other.
class Draw {
 public:
  explicit Draw(uint64_t stream) : random_{stream} {}
  double operator()(double from, double to) {
    const auto bits = static_cast<double>(random_.stream() >> 11);
    return from + (to - from) * bits * 0x1p-53;
  }
  int below(int n) { return std::min(static_cast<int>((*this)(0, n)), n - 1); }

 private:
  Random random_;
};

// Brightness, contrast (about the gray `middle`) and saturation, each changed by up to a tenth.
class Jitter {
 public:
  explicit Jitter(Draw& draw) : brightness_(draw(0.9, 1.1)), contrast_(draw(0.9, 1.1)), saturation_(draw(0.9, 1.1)) {}
  std::array<uint8_t, 3> operator()(const uint8_t* pixel, double middle) const {
    double value[3];
    for (int c = 0; c < 3; ++c) value[c] = middle + contrast_ * (brightness_ * pixel[c] - middle);
    const double gray = 0.299 * value[0] + 0.587 * value[1] + 0.114 * value[2];
    std::array<uint8_t, 3> result{};
    for (size_t c = 0; c < 3; ++c)
      result[c] = static_cast<uint8_t>(std::lround(std::clamp(gray + saturation_ * (value[c] - gray), 0.0, 255.0)));
    return result;
  }

 private:
  double brightness_, contrast_, saturation_;
};

struct Piece {
  int width, height;
  double turn;  // radians
};

PastedDefect paste(const Image& image, const Piece& piece, Draw& draw) {
  const int from_x = draw.below(image.width - piece.width + 1), from_y = draw.below(image.height - piece.height + 1);
  // The turned piece's bounding box stays inside the image where it fits at all.
  const double cosine = std::cos(piece.turn), sine = std::sin(piece.turn);
  const double half_x = 0.5 * (std::abs(cosine) * piece.width + std::abs(sine) * piece.height);
  const double half_y = 0.5 * (std::abs(sine) * piece.width + std::abs(cosine) * piece.height);
  double centre_x = draw(half_x, std::max(half_x, image.width - half_x));
  double centre_y = draw(half_y, std::max(half_y, image.height - half_y));
  if (piece.turn == 0) {  // whole pixels
    centre_x = std::floor(centre_x - half_x) + half_x;
    centre_y = std::floor(centre_y - half_y) + half_y;
  }
  double middle = 0;
  for (int y = from_y; y < from_y + piece.height; ++y)
    for (int x = 3 * from_x; x < 3 * (from_x + piece.width); ++x) middle += image.row(y)[x];
  middle /= 3.0 * piece.width * piece.height;
  const Jitter jitter(draw);

  PastedDefect result{image, {image.width, image.height, 1, {}}};
  result.mask.pixels.assign(static_cast<size_t>(image.width) * static_cast<size_t>(image.height), 0);
  for (int y = std::max(0, static_cast<int>(centre_y - half_y)); y < std::min<double>(image.height, centre_y + half_y);
       ++y)
    for (int x = std::max(0, static_cast<int>(centre_x - half_x)); x < std::min<double>(image.width, centre_x + half_x);
         ++x) {
      const double dx = x + 0.5 - centre_x, dy = y + 0.5 - centre_y;
      const double u = cosine * dx + sine * dy + 0.5 * piece.width, v = cosine * dy - sine * dx + 0.5 * piece.height;
      if (u < 0 || v < 0 || u >= piece.width || v >= piece.height) continue;
      const auto pixel = jitter(image.row(from_y + static_cast<int>(v)) + 3 * (from_x + static_cast<int>(u)), middle);
      std::copy(pixel.begin(), pixel.end(), result.image.row(y) + 3 * x);
      result.mask.row(y)[x] = 255;
    }
  return result;
}

void need_rgb(const char* who, const Image& image) {
  if (image.channels != 3)
    fail(who, ": needs an RGB image, not ", image.width, " x ", image.height, " x ", image.channels);
  if (std::min(image.width, image.height) < 16)
    fail(who, ": needs at least 16 x 16 pixels, not ", image.width, " x ", image.height);
}

int pixels(double size, int limit) {
  return std::clamp(static_cast<int>(std::lround(size)), 1, limit);
}

}  // namespace

PastedDefect paste_patch(const Image& image, uint64_t stream) {
  need_rgb("paste_patch", image);
  Draw draw(stream);
  const double area = draw(0.02, 0.15) * image.width * image.height;
  const double ratio = draw(0, 1) < 0.5 ? draw(0.3, 1) : draw(1, 3.3);
  const Piece piece{pixels(std::sqrt(area * ratio), image.width), pixels(std::sqrt(area / ratio), image.height), 0};
  return paste(image, piece, draw);
}

PastedDefect paste_scar(const Image& image, uint64_t stream) {
  need_rgb("paste_scar", image);
  Draw draw(stream);
  // Published for 256 pixels: 2 to 16 by 10 to 25 of them.
  const double side = std::min(image.width, image.height) / 256.0;
  const Piece piece{pixels(side * draw(2, 16), image.width), pixels(side * draw(10, 25), image.height),
                    draw(-0.25, 0.25) * std::numbers::pi};
  return paste(image, piece, draw);
}

}  // namespace iuf
