#include "iuf/image/image_parts.h"

#include <zlib.h>

#include <algorithm>

#include "iuf/image/image_header.h"
#include "iuf/image/tiff_directories.h"

namespace iuf {
namespace {

constexpr uint32_t kPicturesTag = 0xb001;
constexpr uint64_t kMostPictures = 0xffffffff;
constexpr std::string_view kJpegStart = "\xff\xd8\xff", kJpegEnd = "\xff\xd9", kPngStart = "\x89PNG";

// What is not there reads as 0.
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

// Pixels end at a marker: FF and neither 00, a byte that fills, nor a restart.
void skip_scan(Bytes& rest) {
  const std::string_view text = to_view(rest);
  size_t at = text.find('\xff');
  while (at + 1 < text.size()) {
    const auto next = static_cast<unsigned char>(text[at + 1]);
    if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) break;
    at = text.find('\xff', at + 1);
    if (at == std::string_view::npos) break;
  }
  rest = rest.subspan(std::min(at, rest.size()));
}

int64_t pictures_in_jpeg(Bytes rest) {
  int64_t said = 1, found = 0;
  while (to_view(rest).starts_with(kJpegStart)) {
    rest = rest.subspan(2);
    while (const auto segment = take_segment(rest)) {
      Bytes content = segment->content;
      if (found == 0 && segment->marker == JpegSegment::app + 2 && take_prefix(content, {"MPF\0", 4}))
        said = static_cast<int64_t>(std::min(tiff_number(content, kPicturesTag).value_or(1), kMostPictures));
      if (segment->marker == JpegSegment::scan) skip_scan(rest);
    }
    ++found;
    if (!take_prefix(rest, kJpegEnd)) break;
    while (!rest.empty() && rest.front() == std::byte{0}) rest = rest.subspan(1);
  }
  return std::max(said, found);
}

int64_t pictures_in_png(Bytes rest) {
  int64_t said = 1, found = 0;
  while (to_view(rest).starts_with(kPngStart)) {
    rest = rest.subspan(std::min(PngChunk::signature, rest.size()));
    ++found;
    while (const auto chunk = take_chunk(rest)) {
      if (found == 1 && chunk->type == "acTL") said = Numbers{chunk->content}(0, 4);
      if (chunk->type == "IEND") break;
    }
  }
  return std::max(said, found);
}

int64_t pictures_in_tiff(Bytes file) {
  TiffDirectories directories(file);
  int64_t found = 0;
  while (directories.next()) ++found;
  return std::max<int64_t>(found, 1);
}

int64_t pictures_in_webp(Bytes rest) {
  rest = rest.subspan(std::min(RiffChunk::header, rest.size()));
  int64_t found = 0;
  while (const auto chunk = take_riff_chunk(rest)) found += chunk->type == "ANMF";
  return std::max<int64_t>(found, 1);
}

}  // namespace

bool take_prefix(Bytes& bytes, std::string_view prefix) {
  if (!to_view(bytes).starts_with(prefix)) return false;
  bytes = bytes.subspan(prefix.size());
  return true;
}

std::optional<JpegSegment> take_segment(Bytes& rest) {
  while (rest.size() >= 4) {
    const Numbers number{rest};
    const uint32_t marker = number(1, 1);
    if (number(0, 1) != 0xff) return std::nullopt;
    if (marker == 0xff) {  // a byte that fills
      rest = rest.subspan(1);
      continue;
    }
    const size_t length = number(2, 2);  // with itself
    if (marker == 0xd8 || marker == 0xd9 || length < 2 || length + 2 > rest.size()) return std::nullopt;
    const JpegSegment segment{marker, rest.subspan(4, length - 2)};
    rest = rest.subspan(length + 2);
    return segment;
  }
  return std::nullopt;
}

uint32_t PngChunk::sum() const {
  const auto* named = reinterpret_cast<const Bytef*>(type.data());
  return static_cast<uint32_t>(crc32(0, named, static_cast<uInt>(type.size() + content.size())));
}

std::optional<PngChunk> take_chunk(Bytes& rest) {
  const Numbers number{rest};
  const size_t length = number(0, 4);
  if (rest.size() < 12 || length > rest.size() - 12) return std::nullopt;
  const PngChunk chunk{
      .type = to_view(rest.subspan(4, 4)), .content = rest.subspan(8, length), .check_sum = number(8 + length, 4)};
  rest = rest.subspan(length + 12);
  return chunk;
}

std::optional<RiffChunk> take_riff_chunk(Bytes& rest) {
  const size_t length = Numbers{rest, false}(4, 4);
  if (rest.size() < 8 || length > rest.size() - 8) return std::nullopt;
  const RiffChunk chunk{.type = to_view(rest.first(4)), .content = rest.subspan(8, length)};
  rest = rest.subspan(std::min(8 + length + length % 2, rest.size()));
  return chunk;
}

int64_t pictures_in(Bytes file) {
  switch (header_of(file).format) {
    case ImageHeader::Format::jpeg:
      return pictures_in_jpeg(file);
    case ImageHeader::Format::png:
      return pictures_in_png(file);
    case ImageHeader::Format::tiff:
      return pictures_in_tiff(file);
    case ImageHeader::Format::webp:
      return pictures_in_webp(file);
    default:
      return 1;
  }
}

}  // namespace iuf
