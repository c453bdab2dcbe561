#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "iuf/image/image_formats.h"
#include "iuf/image/lost_end.h"
#include "nn/bytes.h"

// BMP as Windows and OS/2 write it, read here because no small library for it is well kept. Numbers are little-endian.
namespace iuf {
namespace {

constexpr size_t kFileHeader = 14, kFirstVersion = 12, kMasksAt = kFileHeader + 40;
constexpr uint32_t kPlain = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;

// Where in a pixel's number a channel lies, and its value with 8 bits.
struct Channel {
  uint32_t mask = 0;

  uint8_t value(uint32_t pixel) const {
    const int low = std::countr_zero(mask), bits = std::popcount(mask);
    const uint32_t own = (pixel & mask) >> low;
    return static_cast<uint8_t>(bits > 8 ? own >> (bits - 8) : own * 255 / ((1U << bits) - 1));
  }
  bool valid(int pixel_bits) const {
    const int end = std::countr_zero(mask) + std::popcount(mask);
    return mask != 0 && end == static_cast<int>(std::bit_width(mask)) && end <= pixel_bits;
  }
};

class BmpReader {
 public:
  BmpReader(Bytes file, const std::string& name) : file_(file), name_(name) {}

  Raster read(int64_t max_pixels, Transparency transparency) {
    read_header();
    const bool runs = compression_ == kRle8 || compression_ == kRle4;
    // A run of 255 pixels takes two bytes.
    check_pixels(name_, width_, height_, max_pixels, file_.size(), runs ? 255.0 / 2 : 8.0 / bits_);
    if (bits_ <= 8)
      read_palette();
    else
      read_masks();
    if (pixels_at_ < palette_end_ || pixels_at_ > file_.size())
      damaged("its pixels are said to begin where they cannot");
    Raster raster{.width = static_cast<int>(width_),
                  .height = static_cast<int>(height_),
                  .channels = masks_[3].mask != 0 && transparency == Transparency::keep ? 4 : 3};
    raster.samples.resize(static_cast<size_t>(width_ * height_ * raster.channels));
    if (runs)
      read_runs(raster);
    else
      read_rows(raster);
    for (size_t n = 0; n < palette_.size(); ++n)
      raster.black_numbers += used_[n] && palette_[n] == std::array<uint8_t, 3>{};
    return raster;
  }

 private:
  [[noreturn]] void damaged(const std::string& reason) const { fail_undecoded(name_, "BMP", reason); }

  uint32_t number(size_t at, size_t size) const {
    if (at > file_.size() || size > file_.size() - at) damaged("the file ends in its header");
    uint32_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | std::to_integer<uint32_t>(file_[at + i]);
    return value;
  }
  uint8_t byte(size_t at) const { return std::to_integer<uint8_t>(file_[at]); }

  void read_header() {
    pixels_at_ = number(10, 4);
    header_ = number(kFileHeader, 4);
    const bool first = header_ == kFirstVersion;
    if (!first && header_ < 40) fail_unread_kind(name_, "BMP", "a header of " + std::to_string(header_) + " bytes");
    width_ = static_cast<int32_t>(first ? number(18, 2) : number(18, 4));
    height_ = static_cast<int32_t>(first ? number(20, 2) : number(22, 4));
    bits_ = static_cast<int>(first ? number(24, 2) : number(28, 2));
    compression_ = first ? kPlain : number(30, 4);
    upper_first_ = height_ < 0;
    height_ = std::abs(height_);
    if (width_ < 1 || height_ < 1) damaged("it has no pixels");
    number(kFileHeader + header_ - 1, 1);
    const bool fields = compression_ == kBitFields || compression_ == kAlphaBitFields;
    const bool known = compression_ == kPlain  ? bits_ == 1 || bits_ == 4 || bits_ == 8 || bits_ >= 16
                       : compression_ == kRle8 ? bits_ == 8 && !upper_first_
                       : compression_ == kRle4 ? bits_ == 4 && !upper_first_
                                               : fields && (bits_ == 16 || bits_ == 32);
    if (!known || (bits_ > 8 && bits_ != 16 && bits_ != 24 && bits_ != 32))
      fail_unread_kind(name_, "BMP",
                       std::to_string(bits_) + " bits per pixel, compression " + std::to_string(compression_));
  }

  void read_palette() {
    const bool first = header_ == kFirstVersion;
    const size_t most = size_t{1} << bits_, entry = first ? 3 : 4, at = kFileHeader + header_;
    const size_t said = first ? 0 : number(46, 4);
    // A header without a count has as many as there may be, or those before the pixels.
    const size_t room = pixels_at_ > at ? (pixels_at_ - at) / entry : 0;
    const size_t count = said == 0 || said > most ? std::min(most, room) : said;
    palette_end_ = at + count * entry;
    for (size_t n = 0; n < count; ++n)  // blue first
      palette_.push_back({static_cast<uint8_t>(number(at + n * entry + 2, 1)),
                          static_cast<uint8_t>(number(at + n * entry + 1, 1)),
                          static_cast<uint8_t>(number(at + n * entry, 1))});
  }

  void read_masks() {
    palette_end_ = kFileHeader + header_;
    masks_ = bits_ == 16 ? std::array<Channel, 4>{{{0x7c00}, {0x03e0}, {0x001f}, {}}}
                         : std::array<Channel, 4>{{{0xff0000}, {0x00ff00}, {0x0000ff}, {}}};
    if (compression_ == kPlain) return;
    const bool alpha = compression_ == kAlphaBitFields || header_ >= 56;
    for (size_t c = 0; c < (alpha ? 4 : 3); ++c) masks_[c].mask = number(kMasksAt + 4 * c, 4);
    if (header_ == 40) palette_end_ += alpha ? 16 : 12;
    for (const Channel& channel : masks_)
      if ((&channel != &masks_[3] || channel.mask != 0) && !channel.valid(bits_))
        damaged("the bits of a colour are not side by side");
  }

  // Of line `y` from above.
  uint8_t* row(Raster& raster, int64_t y) const {
    return &raster.samples[static_cast<size_t>(y * width_ * raster.channels)];
  }
  void put_number(uint8_t* pixel, size_t n) {
    if (n >= palette_.size())
      damaged("a pixel has number " + std::to_string(n) + " of a palette of " + std::to_string(palette_.size()));
    used_[n] = true;
    std::ranges::copy(palette_[n], pixel);
  }

  void read_rows(Raster& raster) {
    const size_t own = (static_cast<size_t>(width_ * bits_) + 7) / 8, stride = (own + 3) / 4 * 4;
    const size_t needed = static_cast<size_t>(height_ - 1) * stride + own;  // the last row's padding may lack
    if (needed > file_.size() - pixels_at_) damaged("the file ends in its pixels");
    if (const std::string lost = lost_end(file_, {.at = pixels_at_,
                                                  .stride = stride,
                                                  .row = own,
                                                  .pixel = static_cast<size_t>(bits_) / 8,
                                                  .rows = static_cast<size_t>(height_)});
        !lost.empty())
      damaged(lost);
    for (int64_t line = 0; line < height_; ++line) {
      const size_t at = pixels_at_ + static_cast<size_t>(line) * stride;
      uint8_t* pixel = row(raster, upper_first_ ? line : height_ - 1 - line);
      for (size_t x = 0; x < static_cast<size_t>(width_); ++x, pixel += raster.channels) {
        if (bits_ <= 8)
          put_number(pixel, number_in_row(at, x));
        else
          put_colour(pixel, at + x * static_cast<size_t>(bits_ / 8), raster.channels);
      }
    }
  }
  size_t number_in_row(size_t at, size_t x) const {
    const auto bits = static_cast<size_t>(bits_);
    const size_t shift = 8 - bits - x * bits % 8;  // the first pixel has the high bits
    return static_cast<size_t>(byte(at + x * bits / 8) >> shift) & ((size_t{1} << bits) - 1);
  }
  void put_colour(uint8_t* pixel, size_t at, int channels) const {
    if (bits_ == 24) {
      for (size_t c = 0; c < 3; ++c) pixel[c] = byte(at + 2 - c);
      return;
    }
    const uint32_t whole = number(at, static_cast<size_t>(bits_ / 8));
    for (int c = 0; c < channels; ++c) pixel[c] = masks_[static_cast<size_t>(c)].value(whole);
  }

  // Pairs of bytes: a run and its number, or 0 and a command. What is left out has number 0.
  void read_runs(Raster& raster) {
    for (int64_t y = 0; y < height_; ++y)
      for (int64_t x = 0; x < width_; ++x) put_number(row(raster, y) + 3 * x, 0);
    used_ = {};
    int64_t x = 0, y = 0;
    size_t at = pixels_at_;
    const auto next = [&] {
      if (at == file_.size()) damaged("the file ends in its pixels");
      return byte(at++);
    };
    const auto put = [&](int64_t count, size_t n) {
      if (x + count > width_ || y >= height_) damaged("a run leaves the picture");
      put_number(row(raster, height_ - 1 - y) + 3 * x, n);
      ++x;
    };
    while (y < height_) {
      const int count = next(), what = next();
      for (int i = 0; i < count; ++i) put(count - i, run_number(what, i));
      if (count > 0) continue;
      if (what == 0) {
        x = 0;
        ++y;
      } else if (what == 1) {
        break;
      } else if (what == 2) {
        x += next();
        y += next();
        if (x > width_ || y > height_) damaged("a step leaves the picture");
      } else {
        read_numbers(what, at, put);
      }
    }
    used_[0] = true;  // of the ground, or of what is left out
  }
  size_t run_number(int what, int i) const {
    return static_cast<size_t>(compression_ == kRle8 ? what : i % 2 == 0 ? what >> 4 : what & 15);
  }
  // As many numbers as they stand, to an even count of bytes.
  template <class Put>
  void read_numbers(int count, size_t& at, const Put& put) {
    const auto bytes = static_cast<size_t>(compression_ == kRle8 ? count : (count + 1) / 2);
    if (bytes > file_.size() - at) damaged("the file ends in its pixels");
    for (int i = 0; i < count; ++i) {
      const auto step = static_cast<size_t>(compression_ == kRle8 ? i : i / 2);
      put(count - i, run_number(byte(at + step), i));
    }
    at = std::min(at + bytes + bytes % 2, file_.size());
  }

  Bytes file_;
  const std::string& name_;
  size_t pixels_at_ = 0, header_ = 0, palette_end_ = 0;
  int64_t width_ = 0, height_ = 0;
  int bits_ = 0;
  uint32_t compression_ = kPlain;
  bool upper_first_ = false;
  std::vector<std::array<uint8_t, 3>> palette_ = {};
  std::array<bool, 256> used_ = {};
  std::array<Channel, 4> masks_ = {};  // red, green, blue, alpha
};

}  // namespace

Raster decode_bmp(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                  Transparency transparency) {
  return BmpReader(bytes, name).read(max_pixels, transparency);
}

}  // namespace iuf
