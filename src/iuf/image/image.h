#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace iuf {

/// 8-bit pixels, H x W x C row-major; C is 1 (gray) or 3 (RGB).
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;

  uint8_t* row(int y) { return pixels.data() + static_cast<size_t>(y) * static_cast<size_t>(width * channels); }
  const uint8_t* row(int y) const {
    return pixels.data() + static_cast<size_t>(y) * static_cast<size_t>(width * channels);
  }
};

/// All zeros.
Image blank_image(int64_t width, int64_t height, int channels);

inline constexpr int64_t default_max_pixels = int64_t{1} << 28;

/// Decodes PNG (gray, RGB, palette, alpha, 1 to 16 bit, interlaced), JPEG (gray, RGB, CMYK, progressive), BMP (1 to 32
/// bit, RLE), and where the program was built with their libraries TIFF (gray, RGB, palette, alpha, 1 to 16 bit, strips
/// or tiles) and WebP (the first frame), told apart by their first bytes, never by the name, as it is stored;
/// photographs of products are read by decode_photograph() (photograph.h). The result is RGB and equal to Pillow's
/// convert("RGB") bit for bit: gray is replicated, transparency dropped, of 16 bits the high byte kept, EXIF
/// orientation and colour profiles ignored. One departure: Pillow clips 16-bit gray at 255, which leaves white; here
/// its high byte is kept too, as for 16-bit RGB. `name` stands in error messages. Throws Error for anything truncated,
/// hostile or larger than `max_pixels`.
Image decode_image(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels = default_max_pixels);
Image read_image(const std::filesystem::path& path);

/// Gray or RGB, always with the same compression settings: equal images give equal bytes.
std::vector<std::byte> encode_png(const Image& image);
/// Writes a complete PNG or none.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace iuf
