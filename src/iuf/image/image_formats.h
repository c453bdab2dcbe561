#pragma once

#include <span>
#include <string>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/settings/features.h"

// The decoders behind decode_image(). libpng and libjpeg report an error through a callback that must not return. Their
// readers keep everything that has a destructor as a member and jump only inside functions whose locals are plain, so
// that longjmp skips no destructor.
namespace iuf {

/// A decoded file, before it is an Image.
struct Raster {
  int width = 0, height = 0;
  int channels = 3;          // RGB, or RGBA where transparency is wanted and there is any
  int sample_bytes = 1;      // 2: the high byte first
  int significant_bits = 0;  // of the 16, as a PNG's sBIT says; 0: it says nothing
  size_t black_numbers = 0;  // of a BMP's or TIFF's palette: how many that pixels have are black
  bool lossy = false;        // a WebP or TIFF whose values are not exact
  std::vector<uint8_t> samples = {};

  size_t count() const { return samples.size() / static_cast<size_t>(sample_bytes); }
  int at(size_t i) const { return sample_bytes == 1 ? samples[i] : samples[2 * i] << 8 | samples[2 * i + 1]; }
};
enum class Transparency { drop, keep };

/// By its first bytes. `name` stands in messages; throws Error for anything of a format that is not read, damaged or
/// larger than `max_pixels`.
Raster decode_raster(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                     Transparency transparency);
Raster decode_png(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                  Transparency transparency);
Raster decode_jpeg(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels);
Raster decode_bmp(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                  Transparency transparency);
/// These two only where the program was built with their libraries.
Raster decode_tiff(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                   Transparency transparency);
Raster decode_webp(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                   Transparency transparency);

/// RGB; of 16 bits, v becomes floor((v - low) * 256 / (high - low + 1)), clamped to the window first: 0:65535 keeps the
/// high byte.
Image image_of(Raster raster, const ValueWindow& window);

/// Refuses, before memory is taken, what is too large and what so few bytes cannot hold.
void check_pixels(const std::string& name, int64_t width, int64_t height, int64_t max_pixels, size_t bytes,
                  double most_pixels_per_byte);
[[noreturn]] void fail_undecoded(const std::string& name, const char* format, const std::string& reason);
/// For what may be whole, but of a kind that is not read.
[[noreturn]] void fail_unread_kind(const std::string& name, const char* format, const std::string& kind);

}  // namespace iuf
