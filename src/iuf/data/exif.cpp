#include "iuf/data/exif.h"

#include <zlib.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "nn/bytes.h"

namespace iuf {
namespace {

constexpr uint32_t kOrientationTag = 0x0112, kByte = 1, kShort = 3, kLong = 4;

// Bytes that lie about their lengths and offsets: what is not there reads as 0.
struct Numbers {
  Bytes bytes;
  bool high_first = true;

  uint32_t operator()(size_t at, size_t size) const {
    if (at > bytes.size() || size > bytes.size() - at) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i)
      value = value << 8 | std::to_integer<uint32_t>(bytes[at + (high_first ? i : size - 1 - i)]);
    return value;
  }
};

Bytes from(Bytes bytes, size_t at) {
  return bytes.subspan(std::min(at, bytes.size()));
}

bool take_prefix(Bytes& bytes, std::string_view prefix) {
  if (!to_view(bytes).starts_with(prefix)) return false;
  bytes = bytes.subspan(prefix.size());
  return true;
}

// Of a TIFF header with its first directory: entries of 12 bytes, tag, type, count and value.
int orientation_of_tiff(Bytes tiff) {
  const bool little = to_view(tiff).starts_with({"II*\0", 4});
  if (!little && !to_view(tiff).starts_with({"MM\0*", 4})) return 1;
  const Numbers number{tiff, !little};
  const size_t directory = number(4, 4);
  const size_t entries = number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.size()) return 1;
    if (number(entry, 2) != kOrientationTag) continue;
    const uint32_t type = number(entry + 2, 2);
    if (number(entry + 4, 4) != 1 || (type != kByte && type != kShort && type != kLong)) return 1;
    const uint32_t value = number(entry + 8, type == kLong ? 4 : type == kShort ? 2 : 1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// The payload of the first Exif segment before the pixels.
Bytes exif_of_jpeg(Bytes rest) {
  rest = from(rest, 2);
  while (rest.size() >= 4) {
    const Numbers number{rest};
    const uint32_t marker = number(1, 1);
    if (number(0, 1) != 0xff) return {};
    if (marker == 0xff) {  // a byte that fills
      rest = from(rest, 1);
      continue;
    }
    const size_t length = number(2, 2);  // with itself
    if (marker == 0xd8 || marker == 0xd9 || marker == 0xda || length < 2 || length + 2 > rest.size()) return {};
    Bytes segment = rest.subspan(4, length - 2);
    if (marker == 0xe1 && take_prefix(segment, {"Exif\0\0", 6})) return segment;
    rest = from(rest, length + 2);
  }
  return {};
}

// The content of the eXIf chunk, which may stand before or behind the pixels, if its check sum is right.
Bytes exif_of_png(Bytes rest) {
  rest = from(rest, 8);
  while (rest.size() >= 12) {
    const Numbers number{rest};
    const size_t length = number(0, 4);
    if (length > rest.size() - 12) return {};
    if (to_view(rest.subspan(4)).starts_with("eXIf")) {
      const auto* named = reinterpret_cast<const Bytef*>(rest.data()) + 4;
      if (crc32(0, named, static_cast<uInt>(length + 4)) != number(8 + length, 4)) return {};
      Bytes content = rest.subspan(8, length);
      take_prefix(content, {"Exif\0\0", 6});  // as some write it, against the specification
      return content;
    }
    rest = from(rest, length + 12);
  }
  return {};
}

}  // namespace

int noted_orientation(std::span<const std::byte> file) {
  const std::optional<ImageKind> kind = image_kind(file);
  if (kind == ImageKind::jpeg) return orientation_of_tiff(exif_of_jpeg(file));
  if (kind == ImageKind::png) return orientation_of_tiff(exif_of_png(file));
  return 1;
}

Image turned(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool exchanged = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image upright =
      blank_image(exchanged ? image.height : image.width, exchanged ? image.width : image.height, image.channels);
  const auto channels = static_cast<size_t>(image.channels);
  for (int y = 0; y < upright.height; ++y) {
    uint8_t* to = upright.row(y);
    for (int x = 0; x < upright.width; ++x, to += channels) {
      const int column = exchanged ? y : x, line = exchanged ? x : y;
      const uint8_t* pixel = image.row(from_below ? image.height - 1 - line : line) +
                             channels * static_cast<size_t>(from_right ? image.width - 1 - column : column);
      std::copy_n(pixel, channels, to);
    }
  }
  return upright;
}

}  // namespace iuf
