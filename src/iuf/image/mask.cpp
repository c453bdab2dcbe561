#include "iuf/image/mask.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <set>
#include <utility>

#include "iuf/image/exif.h"
#include "iuf/image/image_formats.h"
#include "iuf/image/image_header.h"
#include "iuf/image/image_parts.h"
#include "iuf/image/mask_classes.h"
#include "nn/file.h"

namespace iuf {
namespace {

const char* const kTransparency = "masks whose shape lies in their transparency alone, which is taken for it";
const char* const kNoise = "masks with small values beside high ones, taken for noise and cut at half of the highest";
const char* const kClasses = "masks that hold several values, all of which count as defects (is one no defect?)";
const char* const kTurnedPhoto =
    "masks that note no orientation, of photographs that were turned as the camera noted, taken as drawn on the "
    "upright "
    "picture (if drawn on the stored one: --orientation ignore)";
const char* const kInverted = "masks that mark most of the picture and of its border (inverted?), taken as they are";
const char* const kEmpty = "masks that mark nothing";
const char* const kScattered = "masks of small values that are scattered (noise?), all taken for defects";
const char* const kPictures = "masks in files of several pictures, of which only the first counts";

constexpr int kCut = 127;        // where values are not exact, as in a JPEG
constexpr int kBlackNoise = 32;  // there, around an edge

// One value for each pixel.
struct Values {
  size_t width = 0;
  std::vector<int> of = {};
  int most = 255;  // that a value can be

  int largest() const { return *std::ranges::max_element(of); }
  int smallest() const { return *std::ranges::min_element(of); }
  bool differ() const { return std::ranges::adjacent_find(of, std::not_equal_to<>()) != of.end(); }
};

Values largest_of_channels(const Raster& raster, size_t first, size_t last) {
  Values values{.width = static_cast<size_t>(raster.width), .of = {}, .most = raster.sample_bytes == 1 ? 255 : 65535};
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

// Classes fill areas with one value, be they two pixels wide; noise and soft edges do not.
bool fill_areas(const Values& values, int low, int high) {
  const size_t width = values.width, height = values.of.size() / width;
  std::vector<char> inside(values.of.size());
  for (size_t y = 0; y + 1 < height; ++y)
    for (size_t x = 0; x + 1 < width; ++x) {
      const size_t i = y * width + x;
      const int v = values.of[i];
      if (v < low || v > high) continue;
      const size_t square[] = {i, i + 1, i + width, i + width + 1};
      if (std::ranges::all_of(square, [&](size_t k) { return values.of[k] == v; }))
        for (const size_t k : square) inside[k] = 1;
    }
  const auto all = std::ranges::count_if(values.of, [=](int v) { return v >= low && v <= high; });
  return 2 * std::ranges::count(inside, 1) > all;
}

// The value above which a pixel of a PNG is a defect. Where all values are small, none is noise.
int cut_of(const Values& values, std::vector<std::string>& remarks) {
  const int highest = values.largest(), small = highest / 8;
  const auto any = [&](int low, int high) {
    return std::ranges::any_of(values.of, [=](int v) { return v >= low && v <= high; });
  };
  if (2 * highest <= values.most || !any(1, small) || !any(highest - small, highest)) return 0;
  const bool classes =
      any(0, 0) && (fill_areas(values, 1, small) || fill_areas(values, small + 1, highest - small - 1));
  if (!classes) remarks.emplace_back(kNoise);
  return classes ? 0 : highest / 2;
}

// How many pixels have a value in this range, and `same` says that all neighbours are alike.
template <class Same>
int64_t count_alike(const Values& values, int low, int high, const Same& same) {
  const size_t width = values.width, height = values.of.size() / width;
  int64_t count = 0;
  for (size_t i = 0; i < values.of.size(); ++i) {
    const int v = values.of[i];
    if (v < low || v > high) continue;
    const size_t x = i % width, y = i / width;
    bool alike = true;
    for (size_t ny = y - (y > 0); ny <= std::min(y + 1, height - 1); ++ny)
      for (size_t nx = x - (x > 0); nx <= std::min(x + 1, width - 1); ++nx)
        alike = alike && ((nx == x && ny == y) || same(v, values.of[ny * width + nx]));
    count += alike;
  }
  return count;
}

// A JPEG, or a WebP or TIFF that is lossy as one, keeps black and white, and no numbers of classes.
void refuse_lossy_classes(const Values& values, const std::string& name, const std::string& format) {
  constexpr int64_t kFewPixels = 16;
  constexpr int kFlat = 6;  // levels, within an area of one class; soft edges are steeper
  const int highest = values.largest();
  if (highest > 0 && highest <= kCut)
    fail(name, ": a ", format, " mask whose highest value is ", highest, ", where black is 0 and white 255: ", format,
         " keeps no numbers of classes; save the mask as PNG");
  const auto flat = [](int v, int other) { return std::abs(v - other) <= kFlat; };
  if (count_alike(values, kBlackNoise + 1, kCut, flat) > kFewPixels)
    fail(name, ": a ", format, " mask with areas of dark gray: classes? ", format,
         " keeps no numbers of classes; save the mask as PNG");
}

// The largest difference within a colour.
int spread_of(const Raster& raster) {
  int spread = 0;
  for (size_t c = 0; c < std::min<size_t>(3, static_cast<size_t>(raster.channels)); ++c) {
    int low = raster.at(c), high = low;
    for (size_t i = c; i < raster.count(); i += static_cast<size_t>(raster.channels)) {
      low = std::min(low, raster.at(i));
      high = std::max(high, raster.at(i));
    }
    spread = std::max(spread, high - low);
  }
  return spread;
}

// Where each pixel is a defect though they differ by more than noise does, the ground is not black.
void refuse_ground(const Values& values, int spread, int cut, const std::string& name) {
  const int noise = 2 * values.largest() > values.most ? values.most / 4 : 0;
  if (values.smallest() > cut && spread > noise)
    fail(name,
         ": no pixel of the mask is black, though they differ: is its ground white, or a number? "
         "Make what is no defect black (0)");
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

// The numbers of a palette that pixels have and whose colour is black: found by decoding with another palette, where
// number n has the gray n.
size_t black_numbers_in_png(Bytes file, const std::string& name) {
  Bytes rest = file.subspan(PngChunk::signature);
  auto chunk = take_chunk(rest);
  while (chunk && chunk->type != "PLTE") chunk = take_chunk(rest);
  if (!chunk) return 0;
  std::vector<std::byte> numbered(file.begin(), file.end());
  const auto place = static_cast<size_t>(chunk->content.data() - file.data());
  const size_t size = chunk->content.size();
  for (size_t i = 0; i < size; ++i) numbered[place + i] = static_cast<std::byte>(i / 3);
  uint32_t sum = PngChunk{to_view(Bytes(numbered).subspan(place - 4, 4)), Bytes(numbered).subspan(place, size)}.sum();
  for (size_t i = 4; i-- > 0; sum >>= 8) numbered[place + size + i] = static_cast<std::byte>(sum & 255);
  const Values numbers =
      largest_of_channels(decode_raster(numbered, name, default_max_pixels, Transparency::drop), 0, 3);
  std::set<int> black;
  for (const int n : numbers.of) {
    const size_t entry = 3 * static_cast<size_t>(n);
    if (entry + 3 <= size &&
        std::ranges::all_of(chunk->content.subspan(entry, 3), [](std::byte b) { return b == std::byte{0}; }))
      black.insert(n);
  }
  return black.size();
}

// As it is stored.
Mask mask_of(Bytes file, const std::string& name) {
  const Raster raster = decode_raster(file, name, default_max_pixels, Transparency::keep);
  const ImageHeader header = header_of(file);
  Mask mask;
  int spread = spread_of(raster);
  Values values = largest_of_channels(raster, 0, 3);
  if (raster.channels == 4 && above_everywhere_or_nowhere(values)) {
    if (Values alpha = largest_of_channels(raster, 3, 4); alpha.differ()) {
      values = std::move(alpha);
      spread = values.largest() - values.smallest();
      mask.remarks.emplace_back(kTransparency);
    }
  }
  const bool png = header.format == ImageHeader::Format::png;
  if (header.palette && mask.remarks.empty() && (png ? black_numbers_in_png(file, name) : raster.black_numbers) > 1)
    fail(name,
         ": a mask whose palette shows several of its numbers as black: which are defects? Save it as gray, or give "
         "black to the ground alone");
  const bool lossy = header.format == ImageHeader::Format::jpeg || raster.lossy;
  if (lossy) refuse_lossy_classes(values, name, (raster.lossy ? "lossy " : "") + header.name);
  const int cut = lossy ? kCut : cut_of(values, mask.remarks);
  refuse_ground(values, spread, cut, name);
  if (!lossy && cut == 0 && mask.remarks.empty()) mask.values = classes_of(raster);
  if (!mask.values.empty()) mask.remarks.emplace_back(kClasses);
  const int highest = values.largest();
  const auto alone = [](int, int other) { return other == 0; };
  if (cut == 0 && highest > 0 && highest <= values.most / 8 &&
      2 * count_alike(values, 1, highest, alone) > std::ranges::count_if(values.of, [](int v) { return v > 0; }))
    mask.remarks.emplace_back(kScattered);
  mask.image = blank_image(raster.width, raster.height, 1);
  std::ranges::transform(values.of, mask.image.pixels.begin(),
                         [cut](int v) { return static_cast<uint8_t>(v > cut ? 255 : 0); });
  remark_amount(mask.image, mask.remarks);
  return mask;
}

Mask decode_mask(Bytes bytes, const std::filesystem::path& path) {
  Mask mask = mask_of(bytes, path.string());
  if (pictures_in(bytes) > 1) mask.remarks.emplace_back(kPictures);
  mask.image = turned(std::move(mask.image), noted_orientation(bytes));
  return mask;
}

}  // namespace

Mask read_mask(const std::filesystem::path& path) {
  return decode_mask(read_file(path), path);
}

Mask read_mask(const std::filesystem::path& path, const MaskedPhoto& photo) {
  const std::vector<std::byte> bytes = read_file(path);
  Mask mask = decode_mask(bytes, path);
  const bool fits = mask.image.width == photo.width && mask.image.height == photo.height;
  const bool fits_stored = mask.image.width == photo.height && mask.image.height == photo.width;
  const bool fits_both = fits && (photo.orientation <= 4 || fits_stored);
  if (fits_both && photo.orientation != 1 && noted_orientation(bytes) == 1) mask.remarks.emplace_back(kTurnedPhoto);
  if (!fits && fits_stored && photo.orientation >= 5) mask.image = turned(std::move(mask.image), photo.orientation);
  if (mask.image.width != photo.width || mask.image.height != photo.height)
    fail(path.string(), ": the mask is ", mask.image.width, " x ", mask.image.height, " but its image is ", photo.width,
         " x ", photo.height, "; make the mask as large as the image");
  return mask;
}

}  // namespace iuf
