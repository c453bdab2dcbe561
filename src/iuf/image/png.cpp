#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <utility>

#include "iuf/image/image_formats.h"
#include "iuf/image/png_rows.h"
#include "nn/file_writer.h"
#include "tensor/error.h"

namespace iuf {
namespace {

[[noreturn]] void fail_start() {
  if (png_access_version_number() / 100 != PNG_LIBPNG_VER / 100)
    fail("libpng ", png_get_libpng_ver(nullptr), " is installed, but this program was built with ",
         PNG_LIBPNG_VER_STRING, "; build it again");
  fail("libpng cannot start: out of memory");
}

class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> bytes) : rest_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    if (png_) info_ = png_create_info_struct(png_);
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      fail_start();
    }
    png_set_read_fn(png_, this, on_read);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  /// Every kind of PNG becomes RGB or RGBA with 8 or 16 bits; false (and error()) if the header is not usable.
  bool read_header(Transparency transparency) {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_read_info(png_, info_);
    read_significant_bits();
    png_set_expand(png_);
    if (transparency == Transparency::drop) png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    stored_bits_ = png_get_bit_depth(png_, info_) * png_get_channels(png_, info_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if ((channels() != 3 && channels() != 4) || png_get_rowbytes(png_, info_) != width() * channels() * sample_bytes())
      png_error(png_, "unknown colour type");
    return true;
  }
  bool read_rows(uint8_t* pixels) {
    if (setjmp(png_jmpbuf(png_))) return false;
    const size_t row_bytes = png_get_rowbytes(png_, info_);
    for (int pass = 0; pass < passes_; ++pass) {
      for (size_t y = 0; y < height(); ++y) png_read_row(png_, pixels + y * row_bytes, nullptr);
    }
    png_read_end(png_, nullptr);
    return true;
  }

  size_t width() const { return png_get_image_width(png_, info_); }
  size_t height() const { return png_get_image_height(png_, info_); }
  size_t channels() const { return png_get_channels(png_, info_); }
  size_t sample_bytes() const { return png_get_bit_depth(png_, info_) == 16 ? 2 : 1; }
  int stored_bits() const { return stored_bits_; }  // per pixel
  int significant_bits() const { return significant_bits_; }
  const char* error() const { return error_; }

 private:
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(reader->error_, sizeof reader->error_, "%s", message);
    png_longjmp(png, 1);
  }
  static void on_read(png_structp png, png_bytep to, size_t count) {
    auto& rest = static_cast<PngReader*>(png_get_io_ptr(png))->rest_;
    if (count > rest.size()) png_error(png, "the file ends too early");
    std::memcpy(to, rest.data(), count);
    rest = rest.subspan(count);
  }

  void read_significant_bits() {
    png_color_8p bits = nullptr;
    if (png_get_bit_depth(png_, info_) != 16 || !png_get_sBIT(png_, info_, &bits)) return;
    const bool colour = png_get_color_type(png_, info_) & PNG_COLOR_MASK_COLOR;
    significant_bits_ = colour ? std::max({bits->red, bits->green, bits->blue}) : bits->gray;
  }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::span<const std::byte> rest_;
  int passes_ = 1;
  int stored_bits_ = 0, significant_bits_ = 0;
  char error_[200] = "";
};

class PngWriter {
 public:
  PngWriter() {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    if (png_) info_ = png_create_info_struct(png_);
    if (!info_) {
      png_destroy_write_struct(&png_, nullptr);
      fail_start();
    }
    png_set_write_fn(png_, this, on_write, [](png_structp) {});
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  /// False (and error()) where libpng refuses. `after_row` may take `bytes` away.
  bool write(const PngKind& kind, const PngRow& row, const std::function<void()>& after_row) {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(kind.width), static_cast<png_uint_32>(kind.height), kind.bits,
                 kind.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // Eight times as fast as zlib's default level for a fifth more bytes, and overlays are written for every image.
    png_set_compression_level(png_, 1);
    png_set_filter(png_, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_write_info(png_, info_);
    for (int y = 0; y < kind.height; ++y) {
      png_write_row(png_, row(y));
      after_row();
    }
    png_write_end(png_, nullptr);
    return true;
  }

  std::vector<std::byte> bytes;
  const char* error() const { return error_; }

 private:
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* writer = static_cast<PngWriter*>(png_get_error_ptr(png));
    std::snprintf(writer->error_, sizeof writer->error_, "%s", message);
    png_longjmp(png, 1);
  }
  static void on_write(png_structp png, png_bytep from, size_t count) {
    auto& bytes = static_cast<PngWriter*>(png_get_io_ptr(png))->bytes;
    const auto* first = reinterpret_cast<const std::byte*>(from);
    bool ok = true;
    try {
      bytes.insert(bytes.end(), first, first + count);
    } catch (const std::exception&) {  // must not travel through libpng's C frames
      ok = false;
    }
    if (!ok) png_error(png, "out of memory");
  }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  char error_[200] = "";
};

}  // namespace

Raster decode_png(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                  Transparency transparency) {
  PngReader reader(bytes);
  if (!reader.read_header(transparency)) fail_undecoded(name, "PNG", reader.error());
  check_pixels(name, static_cast<int64_t>(reader.width()), static_cast<int64_t>(reader.height()), max_pixels,
               bytes.size(), 8.0 * 1032 / reader.stored_bits());  // deflate's best ratio
  Raster raster{.width = static_cast<int>(reader.width()),
                .height = static_cast<int>(reader.height()),
                .channels = static_cast<int>(reader.channels()),
                .sample_bytes = static_cast<int>(reader.sample_bytes()),
                .significant_bits = reader.significant_bits()};
  raster.samples.resize(reader.width() * reader.height() * reader.channels() * reader.sample_bytes());
  if (!reader.read_rows(raster.samples.data())) fail_undecoded(name, "PNG", reader.error());
  return raster;
}

std::vector<std::byte> encode_png(const Image& image) {
  const auto refuse = [&](const char* reason) {
    fail("encode_png: ", image.width, " x ", image.height, " x ", image.channels, " with ", image.pixels.size(),
         " bytes of pixels: ", reason);
  };
  if (image.width < 1 || image.height < 1) refuse("the image is empty");
  if (image.channels != 1 && image.channels != 3) refuse("1 channel (gray) or 3 (RGB) are needed");
  const size_t expected =
      static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * static_cast<size_t>(image.channels);
  if (image.pixels.size() != expected) refuse("the sizes do not fit");
  PngWriter writer;
  if (!writer.write(
          {image.width, image.height, image.channels}, [&](int y) { return image.row(y); }, [] {}))
    fail("encode_png: ", image.width, " x ", image.height, ": ", writer.error());
  return std::move(writer.bytes);
}

void write_png_rows(const std::filesystem::path& path, const PngKind& kind, const PngRow& row) {
  if (kind.width < 1 || kind.height < 1 || (kind.channels != 1 && kind.channels != 3) ||
      (kind.bits != 8 && kind.bits != 16))
    fail("write_png_rows: ", kind.width, " x ", kind.height, " x ", kind.channels, " of ", kind.bits,
         " bits: 1 channel (gray) or 3 (RGB) of 8 or 16 bits are needed");
  FileWriter file(path);
  PngWriter writer;
  const auto pass_on = [&] {
    file.add(writer.bytes);
    writer.bytes.clear();
  };
  if (!writer.write(kind, row, pass_on)) fail(path.string(), ": cannot make a PNG: ", writer.error());
  pass_on();
  file.finish();
}

}  // namespace iuf
