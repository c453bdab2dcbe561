#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace iuf {

/// What the first bytes of a file say it is, whatever its name.
struct ImageHeader {
  enum class Format { none, png, jpeg, bmp, tiff, webp, unread };  // unread: an image of a format that is not read
  Format format = Format::none;
  std::string name = {};          // of the format; empty for none
  int64_t width = 0, height = 0;  // 0: not known from these bytes
  int bits = 0;                   // per value
  int channels = 0;               // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha or CMYK; more: a TIFF of others
  bool palette = false;           // channels is 1 then

  bool readable() const { return format != Format::none && format != Format::unread; }
  bool is_deep() const { return (format == Format::png || format == Format::tiff) && bits == 16; }
};

/// The formats that this build reads: "PNG, JPEG and BMP" with this word before the last one. TIFF and WebP are read
/// where their libraries were there when the program was built.
std::string formats_read(const std::string& word = "and");
/// Those that it could read with more libraries: "no TIFF (built without libtiff)"; empty for none.
std::string formats_left_out();
/// Why an image of a format that is not read is refused, and what to do: "this build reads no TIFF ...; convert ...".
std::string unread_text(const ImageHeader& header);

/// Of a file that begins with these bytes, of which 32 are enough to tell the format, and the size and depth of all but
/// a JPEG and a TIFF: the one table of formats. Those of a TIFF are told where its directory is among the bytes.
ImageHeader header_of(std::span<const std::byte> first_bytes);

/// The same. Throws Error for a file that cannot be read.
ImageHeader first_bytes(const std::filesystem::path& path);
/// With the size and depth of a JPEG or a TIFF, which may stand anywhere in it.
ImageHeader read_header(const std::filesystem::path& path);

}  // namespace iuf
