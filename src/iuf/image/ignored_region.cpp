#include "iuf/image/ignored_region.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "iuf/image/mask.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr double kRatioTolerance = 0.01;  // of a mask's sides: a smaller copy has rounded ones

// Of a square's pixel i, where the mask has `length` pixels along an axis.
struct Span {
  double begin, end;
};
Span span_of(int64_t i, int64_t side, int length) {
  const double scale = static_cast<double>(length) / static_cast<double>(side);
  return {static_cast<double>(i) * scale, static_cast<double>(i + 1) * scale};
}

// The share of a rectangle of the mask that is not 0.
double covered(const Image& mask, const Span& down, const Span& across) {
  const auto last = [](double end, int length) { return std::min(static_cast<int>(std::ceil(end)), length); };
  const auto part = [](const Span& span, int pixel) {
    return std::min(span.end, pixel + 1.0) - std::max(span.begin, static_cast<double>(pixel));
  };
  double sum = 0, area = 0;
  for (int y = static_cast<int>(down.begin); y < last(down.end, mask.height); ++y)
    for (int x = static_cast<int>(across.begin); x < last(across.end, mask.width); ++x) {
      const double own = part(down, y) * part(across, x);
      area += own;
      if (mask.row(y)[x] != 0) sum += own;
    }
  return area > 0 ? sum / area : 0;
}

}  // namespace

IgnoredRegion::IgnoredRegion(int64_t side, std::vector<uint8_t> pixels)
    : side_(side), pixels_(std::move(pixels)), hash_(hash_bytes(std::as_bytes(std::span(pixels_)), 0x69676e6f7265)) {
  if (pixels_.size() != static_cast<size_t>(side * side)) fail("an ignored region of ", pixels_.size(), " pixels");
  const auto count = std::ranges::count(pixels_, 1);
  if (std::ranges::any_of(pixels_, [](uint8_t pixel) { return pixel > 1; })) fail("an ignored region is 0 and 1 alone");
  if (count == 0) fail("nothing is ignored");
  if (static_cast<size_t>(count) == pixels_.size()) fail("all is ignored");
}

IgnoredRegion IgnoredRegion::of(const Image& mask, int64_t side) {
  std::vector<uint8_t> pixels(static_cast<size_t>(side * side));
  parallel_for(side, 8, [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y)
      for (int64_t x = 0; x < side; ++x)
        pixels[static_cast<size_t>(y * side + x)] =
            covered(mask, span_of(y, side, mask.height), span_of(x, side, mask.width)) > 0.5;
  });
  return {side, std::move(pixels)};
}

double IgnoredRegion::share() const {
  return static_cast<double>(std::ranges::count(pixels_, 1)) / static_cast<double>(pixels_.size());
}

std::vector<uint8_t> IgnoredRegion::at(int64_t width, int64_t height) const {
  std::vector<uint8_t> flags(static_cast<size_t>(width * height));
  for (int64_t y = 0; y < height; ++y) {
    const uint8_t* row = pixels_.data() + (2 * y + 1) * side_ / (2 * height) * side_;
    for (int64_t x = 0; x < width; ++x)
      flags[static_cast<size_t>(y * width + x)] = row[(2 * x + 1) * side_ / (2 * width)];
  }
  return flags;
}

Image IgnoredRegion::blanked(const Image& photograph, const uint8_t* colour) const {
  Image image = photograph;
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row = pixels_.data() + (2 * int64_t{y} + 1) * side_ / (2 * int64_t{image.height}) * side_;
    uint8_t* pixel = image.row(y);
    for (int64_t x = 0; x < image.width; ++x, pixel += image.channels)
      if (row[(2 * x + 1) * side_ / (2 * int64_t{image.width})] != 0) std::copy_n(colour, image.channels, pixel);
  }
  return image;
}

IgnoreMask IgnoreMask::read(const std::filesystem::path& file) {
  IgnoreMask mask{.file = file, .mask = read_mask(file).image};
  const auto count = static_cast<size_t>(std::ranges::count_if(mask.mask.pixels, [](uint8_t v) { return v != 0; }));
  if (count == 0)
    fail(plain_text(file.string()),
         ": a mask of what to ignore that is black everywhere: what is not black is ignored; "
         "paint it white there, or leave out --ignore");
  if (count == mask.mask.pixels.size())
    fail(plain_text(file.string()),
         ": a mask of what to ignore without a black pixel: what is not black is ignored, "
         "so nothing would be inspected; paint black what is to be inspected");
  return mask;
}

void IgnoreMask::require_fit(const std::string& photograph, int width, int height) const {
  const double own = static_cast<double>(mask.width) / mask.height, wanted = static_cast<double>(width) / height;
  // A side is rounded to whole pixels.
  const double rounding = 1.0 / std::min({mask.width, mask.height, width, height});
  if (std::abs(own / wanted - 1) <= std::max(kRatioTolerance, rounding)) return;
  fail(plain_text(file.string()), ": a mask of ", mask.width, " x ", mask.height, " pixels for ", photograph, " of ",
       width, " x ", height, ": their sides have other ratios; draw it over one of the photographs, at any size");
}

IgnoredRegion IgnoreMask::region(int64_t side) const {
  try {
    return IgnoredRegion::of(mask, side);
  } catch (const Error& e) {
    fail(plain_text(file.string()), ": at the ", side, " x ", side, " pixels that the model sees ", e.what(),
         ", because its spots are too small: draw larger ones, or train with a larger --image-size");
  }
}

}  // namespace iuf
