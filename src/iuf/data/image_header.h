#pragma once

#include <cstdint>
#include <filesystem>
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
};

/// From the first bytes alone: enough to tell the format, and a PNG's size. Throws Error for a file that cannot be
/// read.
ImageHeader first_bytes(const std::filesystem::path& path);
/// With a JPEG's size, which may stand anywhere before its pixels.
ImageHeader read_header(const std::filesystem::path& path);

}  // namespace iuf
