#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>

#include "iuf/image/image_formats.h"
#include "iuf/image/image_header.h"
#include "iuf/image/lost_end.h"
#include "nn/bytes.h"
#include "tensor/text.h"

// TIFF through libtiff, from memory. What libtiff says goes into the error's text, for each file by itself.
namespace iuf {
namespace {

constexpr tmsize_t kLibraryBytes = tmsize_t{1} << 28;  // that libtiff may take at once, without the pixels
constexpr uint64_t kTileBytes = uint64_t{1} << 26;     // beyond the picture

// Pixels that a byte can hold, by the samples' bits.
double most_pixels_per_byte(int compression, int bits_per_pixel) {
  const double ratio = compression == COMPRESSION_LZW        ? 8.0 / 12 * 4096  // strings of 12 bits
                       : compression == COMPRESSION_PACKBITS ? 64
                       : compression == COMPRESSION_NONE     ? 1
                                                             : 1032;  // of deflate
  if (compression == COMPRESSION_JPEG) return 64 * 8 * 8;         // as decode_jpeg()
  return ratio * 8 / bits_per_pixel;
}

class TiffReader {
 public:
  TiffReader(Bytes file, const std::string& name) : file_(file), name_(name) {
    // For what libtiff says without a file; otherwise standard error gets it.
    [[maybe_unused]] static const bool silent = (TIFFSetErrorHandler(nullptr), TIFFSetWarningHandler(nullptr), true);
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    if (options) {
      TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kLibraryBytes);
      TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
      TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, this);
    }
    tiff_ = TIFFClientOpenExt("the file", "r", this, on_read, on_write, on_seek, on_close, on_size, on_map, on_unmap,
                              options.get());
    if (!tiff_) damaged();
  }
  ~TiffReader() {
    if (tiff_) TIFFClose(tiff_);
  }
  TiffReader(const TiffReader&) = delete;
  TiffReader& operator=(const TiffReader&) = delete;

  Raster read(const ImageHeader& header, int64_t max_pixels, Transparency transparency) {
    read_layout();
    uint32_t width = 0, height = 0;
    TIFFGetField(tiff_, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff_, TIFFTAG_IMAGELENGTH, &height);
    if (width != header.width || height != header.height || bits_ != header.bits) damaged("its directory is unclear");
    check_pixels(name_, width, height, max_pixels, file_.size(), most_pixels_per_byte(compression_, bits_ * samples_));
    raster_ = {.width = static_cast<int>(width),
               .height = static_cast<int>(height),
               .channels = samples_ > colours_ && transparency == Transparency::keep ? 4 : 3,
               .sample_bytes = bits_ == 16 ? 2 : 1,
               .lossy = compression_ == COMPRESSION_JPEG};
    make_tables();
    raster_.samples.resize(size_t{width} * height * static_cast<size_t>(raster_.channels * raster_.sample_bytes));
    error_[0] = '\0';  // what was said of tags alone
    decoding_ = true;
    for (int plane = 0; plane < (separate_ ? samples_ : 1); ++plane) {
      if (TIFFIsTiled(tiff_))
        read_tiles(plane);
      else
        read_rows(plane);
    }
    if (palette_)
      for (size_t n = 0; n < used_.size(); ++n)
        raster_.black_numbers += used_[n] && std::ranges::all_of(colour_, [n](const auto& c) { return c[n] == 0; });
    return std::move(raster_);
  }

 private:
  [[noreturn]] void damaged(const std::string& otherwise = "libtiff gives no reason") const {
    fail_undecoded(name_, "TIFF", error_[0] != '\0' ? plain_text(error_) : otherwise);
  }
  [[noreturn]] void unread(const std::string& kind) const { fail_unread_kind(name_, "TIFF", kind); }

  int number(uint32_t tag) const {
    uint16_t value = 0;
    TIFFGetFieldDefaulted(tiff_, tag, &value);
    return value;
  }

  void read_layout() {
    bits_ = number(TIFFTAG_BITSPERSAMPLE);
    samples_ = number(TIFFTAG_SAMPLESPERPIXEL);
    compression_ = number(TIFFTAG_COMPRESSION);
    separate_ = number(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && samples_ > 1;
    const int photometric = number(TIFFTAG_PHOTOMETRIC), format = number(TIFFTAG_SAMPLEFORMAT);
    uint32_t subfile = 0, depth = 1;
    TIFFGetFieldDefaulted(tiff_, TIFFTAG_SUBFILETYPE, &subfile);
    TIFFGetFieldDefaulted(tiff_, TIFFTAG_IMAGEDEPTH, &depth);
    palette_ = photometric == PHOTOMETRIC_PALETTE;
    inverted_ = photometric == PHOTOMETRIC_MINISWHITE;
    const bool jpeg = compression_ == COMPRESSION_JPEG, ycbcr = photometric == PHOTOMETRIC_YCBCR && jpeg && !separate_,
               colour = photometric == PHOTOMETRIC_RGB || ycbcr;
    if (subfile & FILETYPE_REDUCEDIMAGE) unread("its first picture is a reduced one (a raw photograph?)");
    if (subfile & FILETYPE_MASK) unread("its first picture is a mask of transparency");
    if (depth != 1) unread("a picture of " + std::to_string(depth) + " layers in depth");
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
      unread(format == SAMPLEFORMAT_IEEEFP ? "floating-point numbers"
             : format == SAMPLEFORMAT_INT  ? "numbers with a sign"
                                           : "complex numbers");
    if (!std::ranges::count(std::array{1, 2, 4, 8, 16}, bits_) || (palette_ && bits_ == 16))
      unread(std::to_string(bits_) + " bits per sample" + (palette_ ? " with a palette" : ""));
    if (!std::ranges::count(std::array{COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                       COMPRESSION_DEFLATE, COMPRESSION_PACKBITS, COMPRESSION_JPEG},
                            compression_) ||
        !TIFFIsCODECConfigured(static_cast<uint16_t>(compression_)))
      unread("compression " + std::to_string(compression_));
    if (!colour && !palette_ && !inverted_ && photometric != PHOTOMETRIC_MINISBLACK)
      unread("colours of kind " + std::to_string(photometric) + ", neither gray, RGB nor a palette");
    colours_ = colour ? 3 : 1;
    if (samples_ != colours_ && samples_ != colours_ + 1)
      unread(std::to_string(samples_) + " values per pixel, where " + std::to_string(colours_) +
             " and one for transparency are read");
    if (ycbcr) TIFFSetField(tiff_, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }

  // What each value of at most 8 bits becomes, as a colour (red, green, blue) and as transparency.
  void make_tables() {
    const size_t most = (size_t{1} << std::min(bits_, 8)) - 1;
    uint16_t* map[3] = {};
    if (palette_ && !TIFFGetField(tiff_, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2])) damaged("it has no palette");
    // Of 16 bits, as the specification demands, or of 8, as some write them.
    bool deep = false;
    for (size_t c = 0; palette_ && c < 3; ++c) deep = deep || std::any_of(map[c], map[c] + most + 1, above_8_bits);
    for (size_t v = 0; v <= most; ++v) alpha_[v] = static_cast<uint8_t>(v * 255 / most);
    for (size_t v = 0; v <= most; ++v) {
      for (size_t c = 0; c < 3; ++c)
        colour_[c][v] = palette_ ? static_cast<uint8_t>(map[c][v] >> (deep ? 8 : 0)) : alpha_[inverted_ ? most - v : v];
    }
  }
  static bool above_8_bits(uint16_t value) { return value > 255; }

  size_t stored() const { return separate_ ? 1 : static_cast<size_t>(samples_); }  // values of a pixel side by side
  uint64_t row_bytes(uint64_t pixels) const { return (pixels * stored() * static_cast<uint64_t>(bits_) + 7) / 8; }

  void read_rows(int plane) {
    const auto width = static_cast<size_t>(raster_.width);
    if (TIFFScanlineSize64(tiff_) != row_bytes(width)) damaged("a row has another size than the picture");
    std::vector<uint8_t> row(row_bytes(width));
    if (plane == 0) check_end(row.size());
    for (uint32_t y = 0; y < static_cast<uint32_t>(raster_.height); ++y) {
      if (TIFFReadScanline(tiff_, row.data(), y, static_cast<uint16_t>(plane)) != 1 || error_[0] != '\0') damaged();
      unpack(row.data(), y * width, width, plane);
    }
  }

  // Of strips behind one another, which nothing checks.
  void check_end(size_t row) const {
    uint64_t* offsets = nullptr;
    uint64_t* counts = nullptr;
    if (compression_ != COMPRESSION_NONE || !TIFFGetField(tiff_, TIFFTAG_STRIPOFFSETS, &offsets) ||
        !TIFFGetField(tiff_, TIFFTAG_STRIPBYTECOUNTS, &counts))
      return;
    for (uint32_t i = 0; i + 1 < TIFFNumberOfStrips(tiff_); ++i)
      if (offsets[i] + counts[i] != offsets[i + 1]) return;
    const size_t rows = static_cast<size_t>(raster_.height) * (separate_ ? static_cast<size_t>(samples_) : 1);
    if (offsets[0] > file_.size() || rows * row > file_.size() - offsets[0]) return;
    const StoredRows lines{.at = static_cast<size_t>(offsets[0]),
                           .stride = row,
                           .row = row,
                           .pixel = stored() * static_cast<size_t>(bits_) / 8,
                           .rows = rows};
    if (const std::string lost = lost_end(file_, lines); !lost.empty()) fail_undecoded(name_, "TIFF", lost);
  }

  void read_tiles(int plane) {
    uint32_t across = 0, down = 0;
    TIFFGetField(tiff_, TIFFTAG_TILEWIDTH, &across);
    TIFFGetField(tiff_, TIFFTAG_TILELENGTH, &down);
    if (across == 0 || down == 0) damaged("its tiles have no size");
    const auto width = static_cast<uint32_t>(raster_.width), height = static_cast<uint32_t>(raster_.height);
    const uint64_t columns = (uint64_t{width} + across - 1) / across, lines = (uint64_t{height} + down - 1) / down;
    const uint64_t most = 4 * raster_.samples.size() + kTileBytes, bytes = row_bytes(across);
    if (down > most / bytes || columns * lines > most / (bytes * down))
      damaged("its tiles are larger than the picture");
    if (TIFFTileRowSize64(tiff_) != bytes || TIFFTileSize64(tiff_) != bytes * down)
      damaged("a tile has another size than its rows");
    std::vector<uint8_t> tile(bytes * down);
    for (uint32_t top = 0; top < height; top += std::min(down, height - top))
      for (uint32_t left = 0; left < width; left += std::min(across, width - left)) {
        if (TIFFReadTile(tiff_, tile.data(), left, top, 0, static_cast<uint16_t>(plane)) < 0 || error_[0] != '\0')
          damaged();
        for (uint32_t y = 0; y < std::min(down, height - top); ++y)
          unpack(&tile[y * bytes], size_t{top + y} * width + left, std::min(across, width - left), plane);
      }
  }

  // `count` pixels from one row of the file, to this one of the raster and the next ones.
  void unpack(const uint8_t* row, size_t to, size_t count, int plane) {
    const auto channels = static_cast<size_t>(raster_.channels), bytes = static_cast<size_t>(raster_.sample_bytes);
    for (size_t s = 0; s < stored(); ++s) {
      const size_t sample = separate_ ? static_cast<size_t>(plane) : s;
      const bool alpha = sample == static_cast<size_t>(colours_);
      if (alpha && channels == 3) continue;
      const size_t first = alpha ? 3 : sample, copies = alpha || colours_ == 3 ? 1 : 3;
      uint8_t* pixel = &raster_.samples[to * channels * bytes];
      for (size_t i = 0; i < count; ++i, pixel += channels * bytes) {
        const uint32_t value = value_of(row, i * stored() + s);
        for (size_t c = first; c < first + copies; ++c) {
          if (bytes == 2) {
            const uint32_t own = inverted_ && !alpha ? 65535 - value : value;
            pixel[2 * c] = static_cast<uint8_t>(own >> 8);
            pixel[2 * c + 1] = static_cast<uint8_t>(own);
          } else {
            pixel[c] = alpha ? alpha_[value] : colour_[c][value];
            used_[value] = true;
          }
        }
      }
    }
  }
  uint32_t value_of(const uint8_t* row, size_t i) const {
    if (bits_ == 8) return row[i];
    if (bits_ == 16) {
      uint16_t value = 0;
      std::memcpy(&value, row + 2 * i, 2);
      return value;
    }
    const auto bits = static_cast<size_t>(bits_);
    return static_cast<uint32_t>(row[i * bits / 8] >> (8 - bits - i * bits % 8)) & ((1U << bits) - 1);
  }

  // The first error counts. 1: no other handler is called.
  static int on_error(TIFF*, void* reader, const char*, const char* format, va_list values) {
    auto* own = static_cast<TiffReader*>(reader);
    if (own->error_[0] == '\0') std::vsnprintf(own->error_, sizeof own->error_, format, values);
    return 1;
  }
  // Mostly of tags that nobody needs; of lost pixels of a JPEG, which libjpeg fills with gray.
  static int on_warning(TIFF* tiff, void* reader, const char* module, const char* format, va_list values) {
    const auto* own = static_cast<TiffReader*>(reader);
    if (own->decoding_ && own->compression_ == COMPRESSION_JPEG) return on_error(tiff, reader, module, format, values);
    return 1;
  }

  static tmsize_t on_read(thandle_t reader, void* to, tmsize_t count) {
    auto* own = static_cast<TiffReader*>(reader);
    const size_t left = own->file_.size() - std::min<size_t>(own->place_, own->file_.size());
    const size_t taken = std::min(left, static_cast<size_t>(std::max<tmsize_t>(count, 0)));
    if (taken > 0) std::memcpy(to, own->file_.data() + own->place_, taken);
    own->place_ += taken;
    return static_cast<tmsize_t>(taken);
  }
  static tmsize_t on_write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t on_seek(thandle_t reader, toff_t offset, int whence) {
    auto* own = static_cast<TiffReader*>(reader);
    return own->place_ = (whence == SEEK_CUR ? own->place_ : whence == SEEK_END ? own->file_.size() : 0) + offset;
  }
  static int on_close(thandle_t) { return 0; }
  static toff_t on_size(thandle_t reader) { return static_cast<TiffReader*>(reader)->file_.size(); }
  // libtiff reads where the file lies, and writes nothing there: it takes a copy of what it changes.
  static int on_map(thandle_t reader, void** base, toff_t* size) {
    const Bytes file = static_cast<TiffReader*>(reader)->file_;
    *base = const_cast<std::byte*>(file.data());
    *size = file.size();
    return 1;
  }
  static void on_unmap(thandle_t, void*, toff_t) {}

  Bytes file_;
  const std::string& name_;
  TIFF* tiff_ = nullptr;
  uint64_t place_ = 0;
  char error_[300] = "";
  bool decoding_ = false;

  int bits_ = 0, samples_ = 0, compression_ = 0;
  int colours_ = 0;  // samples without transparency
  bool separate_ = false, palette_ = false, inverted_ = false;
  Raster raster_ = {};
  std::array<std::array<uint8_t, 256>, 3> colour_ = {};
  std::array<uint8_t, 256> alpha_ = {};
  std::array<bool, 256> used_ = {};  // numbers of the palette
};

}  // namespace

Raster decode_tiff(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                   Transparency transparency) {
  const ImageHeader header = header_of(bytes);
  if (header.width < 1 || header.height < 1) fail_undecoded(name, "TIFF", "its first directory is not whole");
  if (header.width > max_pixels / header.height)  // before libtiff takes memory for them
    check_pixels(name, header.width, header.height, max_pixels, bytes.size(), 0);
  return TiffReader(bytes, name).read(header, max_pixels, transparency);
}

}  // namespace iuf
