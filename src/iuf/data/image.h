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

/// Decodes PNG (gray, RGB, palette, alpha, 16-bit, interlaced) or JPEG (gray, RGB, progressive), told apart by their first
/// bytes, never by the name. The result is RGB: gray is replicated, alpha dropped, 16 bit reduced as Pillow does.
/// `name` stands in error messages. Throws Error for anything truncated, hostile or larger than `max_pixels`.
Image decode_image(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels = 1 << 28);
Image read_image(const std::filesystem::path& path);
/// A ground-truth mask: gray, any value above 0 is a defect (0 or 255 on return).
Image read_mask(const std::filesystem::path& path);

std::vector<std::byte> encode_png(const Image& image);
/// Writes a complete PNG or none.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace iuf
