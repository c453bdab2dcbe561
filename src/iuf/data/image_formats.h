#pragma once

#include <span>
#include <string>

#include "iuf/data/image.h"

// The decoders behind decode_image(). Both libraries report an error through a callback that must not return. Each
// reader keeps everything that has a destructor as a member and jumps only inside functions whose locals are plain, so
// that longjmp skips no destructor.
namespace iuf {

/// What is kept of 16 bits: the high byte, or also whether any of the low ones is set.
enum class Depth { high_byte, any_bit };

/// RGB. `name` stands in messages; throws Error for anything damaged or larger than `max_pixels`.
Image decode_png(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels, Depth depth);
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels);

/// Refuses, before memory is taken, what is too large and what so few bytes cannot hold.
void check_pixels(const std::string& name, int64_t width, int64_t height, int64_t max_pixels, size_t bytes,
                  double most_pixels_per_byte);
[[noreturn]] void fail_undecoded(const std::string& name, const char* format, const char* reason);

}  // namespace iuf
