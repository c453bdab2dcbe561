#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "nn/bytes.h"

// The parts of JPEG, PNG and WebP files that are read besides the pixels. Files may lie about their lengths and
// offsets: what is not there is none.
namespace iuf {

/// Takes what the bytes begin with; false, and nothing taken, where it is something else.
bool take_prefix(Bytes& bytes, std::string_view prefix);

struct JpegSegment {
  static constexpr uint32_t app = 0xe0, scan = 0xda;
  uint32_t marker = 0;
  Bytes content = {};  // behind the length
};
/// Behind a JPEG's start, SOI, or an earlier segment. None at the end, EOI, and where there is no segment.
std::optional<JpegSegment> take_segment(Bytes& rest);

struct PngChunk {
  static constexpr size_t signature = 8;  // bytes, before the first chunk
  std::string_view type = {};
  Bytes content = {};
  uint32_t check_sum = 0;

  uint32_t sum() const;  // of type and content, which stand side by side in the file
  bool intact() const { return sum() == check_sum; }
};
std::optional<PngChunk> take_chunk(Bytes& rest);

struct RiffChunk {
  static constexpr size_t header = 12;  // bytes of a WebP, before the first chunk
  std::string_view type = {};
  Bytes content = {};
};
std::optional<RiffChunk> take_riff_chunk(Bytes& rest);

/// How many pictures a file holds, at least 1: frames of an animated PNG (acTL) or WebP, directories of a TIFF,
/// pictures that a JPEG names (the multi-picture format, CIPA DC-007), and files that follow it at its end. Only the
/// first is decoded.
int64_t pictures_in(Bytes file);

}  // namespace iuf
