#include "iuf/image/exif.h"

#include <algorithm>
#include <utility>

#include "iuf/image/image_header.h"
#include "iuf/image/image_parts.h"
#include "iuf/image/tiff_directories.h"

namespace iuf {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;

int orientation_of(Bytes tiff) {
  const uint64_t value = tiff_number(tiff, kOrientationTag).value_or(1);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

// The payload of the first Exif segment before the pixels.
Bytes exif_of_jpeg(Bytes rest) {
  rest = rest.subspan(2);
  while (const auto segment = take_segment(rest)) {
    if (segment->marker == JpegSegment::scan) break;
    Bytes content = segment->content;
    if (segment->marker == JpegSegment::app + 1 && take_prefix(content, {"Exif\0\0", 6})) return content;
  }
  return {};
}

// The content of the eXIf chunk, which may stand before or behind the pixels, if its check sum is right.
Bytes exif_of_png(Bytes rest) {
  rest = rest.subspan(std::min(PngChunk::signature, rest.size()));
  while (const auto chunk = take_chunk(rest)) {
    if (chunk->type != "eXIf") continue;
    if (!chunk->intact()) return {};
    Bytes content = chunk->content;
    take_prefix(content, {"Exif\0\0", 6});  // as some write it, against the specification
    return content;
  }
  return {};
}

Bytes exif_of_webp(Bytes rest) {
  rest = rest.subspan(std::min(RiffChunk::header, rest.size()));
  while (const auto chunk = take_riff_chunk(rest)) {
    if (chunk->type != "EXIF") continue;
    Bytes content = chunk->content;
    take_prefix(content, {"Exif\0\0", 6});  // as some write it
    return content;
  }
  return {};
}

}  // namespace

int noted_orientation(std::span<const std::byte> file) {
  switch (header_of(file).format) {
    case ImageHeader::Format::jpeg:
      return orientation_of(exif_of_jpeg(file));
    case ImageHeader::Format::png:
      return orientation_of(exif_of_png(file));
    case ImageHeader::Format::tiff:
      return orientation_of(file);
    case ImageHeader::Format::webp:
      return orientation_of(exif_of_webp(file));
    default:
      return 1;
  }
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
