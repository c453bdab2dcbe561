#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace iuf {

/// What the first bytes of a file say it is, whatever its name.
struct ImageHeader {
  enum class Format { none, png, jpeg, unread };  // unread: an image of a format that is not read
  Format format = Format::none;
  std::string name = {};          // of the format; empty for none
  int64_t width = 0, height = 0;  // 0: not known from these bytes
  int bits = 0;                   // per value
  int channels = 0;               // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha or CMYK
  bool palette = false;           // channels is 1 then

  bool readable() const { return format == Format::png || format == Format::jpeg; }
  bool is_deep() const { return format == Format::png && bits == 16; }
};

/// Of a file that begins with these bytes, of which 32 are enough: the one table of formats. Enough to tell the format,
/// and a PNG's size and depth.
ImageHeader header_of(std::span<const std::byte> first_bytes);

/// The same. Throws Error for a file that cannot be read.
ImageHeader first_bytes(const std::filesystem::path& path);
/// With a JPEG's size, which may stand anywhere before its pixels.
ImageHeader read_header(const std::filesystem::path& path);

}  // namespace iuf
