#include "iuf/data/mask.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "iuf/data/exif.h"
#include "iuf/data/image_formats.h"
#include "nn/file.h"

namespace iuf {
namespace {

const char* const kTransparency = "masks whose shape lies in their transparency alone, which is taken for it";
const char* const kNoise = "masks with small values beside high ones, taken for noise and cut at half of the highest";
const char* const kClasses = "masks with areas of small values beside areas of high ones, all taken for defects";
const char* const kInverted = "masks that mark most of the picture and of its border (inverted?), taken as they are";
const char* const kEmpty = "masks that mark nothing";

constexpr int kCut = 127;           // of a JPEG
constexpr int kLeastHighest = 128;  // of a mask that may have noise: below, all values are small

// One value for each pixel.
struct Values {
  size_t width = 0;
  std::vector<int> of = {};

  int largest() const { return *std::ranges::max_element(of); }
  bool differ() const { return std::ranges::adjacent_find(of, std::not_equal_to<>()) != of.end(); }
};

Values largest_of_channels(const Raster& raster, size_t first, size_t last) {
  Values values{.width = static_cast<size_t>(raster.width), .of = {}};
  const auto channels = static_cast<size_t>(raster.channels);
  values.of.reserve(raster.count() / channels);
  for (size_t i = 0; i < raster.count(); i += channels) {
    int largest = 0;
    for (size_t c = first; c < last; ++c) largest = std::max(largest, raster.at(i + c));
    values.of.push_back(largest);
  }
  return values;
}

bool above_everywhere_or_nowhere(const Values& values) {
  const bool first = values.of.front() > 0;
  return std::ranges::all_of(values.of, [first](int v) { return (v > 0) == first; });
}

// Classes fill areas with one value, noise does not.
bool small_values_fill_areas(const Values& values, int small) {
  int64_t all = 0, inside = 0;
  for (size_t i = 0; i < values.of.size(); ++i) {
    const int v = values.of[i];
    if (v < 1 || v > small) continue;
    ++all;
    const bool right = (i + 1) % values.width == 0 || values.of[i + 1] == v,
               below = i + values.width >= values.of.size() || values.of[i + values.width] == v;
    inside += right && below;
  }
  return 2 * inside > all;
}

// The value above which a pixel of a PNG of 8 bits is a defect.
int cut_of(const Values& values, std::vector<std::string>& remarks) {
  const int highest = values.largest(), small = highest / 8;
  const auto any = [&](int low, int high) {
    return std::ranges::any_of(values.of, [=](int v) { return v >= low && v <= high; });
  };
  if (highest < kLeastHighest || !any(1, small) || !any(highest - small, highest)) return 0;
  const bool classes = any(0, 0) && small_values_fill_areas(values, small);
  remarks.emplace_back(classes ? kClasses : kNoise);
  return classes ? 0 : highest / 2;
}

void remark_amount(const Image& mask, std::vector<std::string>& remarks) {
  const auto width = static_cast<size_t>(mask.width), height = static_cast<size_t>(mask.height);
  size_t all = 0, border = 0, border_marked = 0;
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    const size_t x = i % width, y = i / width;
    const bool at_border = x == 0 || y == 0 || x + 1 == width || y + 1 == height, marked = mask.pixels[i] != 0;
    all += marked;
    border += at_border;
    border_marked += at_border && marked;
  }
  if (all == 0) remarks.emplace_back(kEmpty);
  if (2 * all > mask.pixels.size() && 2 * border_marked > border) remarks.emplace_back(kInverted);
}

// As it is stored.
Mask mask_of(const Raster& raster, ImageKind kind) {
  Mask mask;
  Values values = largest_of_channels(raster, 0, 3);
  if (raster.channels == 4 && above_everywhere_or_nowhere(values)) {
    if (Values alpha = largest_of_channels(raster, 3, 4); alpha.differ()) {
      values = std::move(alpha);
      mask.remarks.emplace_back(kTransparency);
    }
  }
  const int cut = kind == ImageKind::jpeg ? kCut : raster.sample_bytes == 1 ? cut_of(values, mask.remarks) : 0;
  mask.image = blank_image(raster.width, raster.height, 1);
  std::ranges::transform(values.of, mask.image.pixels.begin(),
                         [cut](int v) { return static_cast<uint8_t>(v > cut ? 255 : 0); });
  remark_amount(mask.image, mask.remarks);
  return mask;
}

}  // namespace

Mask read_mask(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  const Raster raster = decode_raster(bytes, path.string(), default_max_pixels, Transparency::keep);
  Mask mask = mask_of(raster, image_kind(bytes).value_or(ImageKind::png));
  mask.image = turned(std::move(mask.image), noted_orientation(bytes));
  return mask;
}

Mask read_mask(const std::filesystem::path& path, const MaskedPhoto& photo) {
  Mask mask = read_mask(path);
  const bool fits = mask.image.width == photo.width && mask.image.height == photo.height;
  const bool fits_stored = mask.image.width == photo.height && mask.image.height == photo.width;
  if (!fits && fits_stored && photo.orientation >= 5) mask.image = turned(std::move(mask.image), photo.orientation);
  if (mask.image.width != photo.width || mask.image.height != photo.height)
    fail(path.string(), ": the mask is ", mask.image.width, " x ", mask.image.height, " but its image is ", photo.width,
         " x ", photo.height, "; make the mask as large as the image");
  return mask;
}

}  // namespace iuf
