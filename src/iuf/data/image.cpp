#include "iuf/data/image.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

// In this order: jpeglib.h needs <cstdio>, and the numbers in jerror.h depend on what jpeglib.h defines.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// Both libraries report an error through a callback that must not return. Each reader below keeps everything that has a
// destructor as a member and jumps only inside functions whose locals are plain, so that longjmp skips no destructor.

/// Refuses, before memory is taken, what is too large and what so few bytes cannot hold.
void check_size(const std::string& name, int64_t width, int64_t height, int64_t max_pixels, size_t bytes,
                double most_pixels_per_byte) {
  if (width > max_pixels / height) {
    fail(name, ": ", width, " x ", height, " pixels are more than the limit of ", max_pixels,
         "; make the image smaller");
  }
  if (static_cast<double>(width * height) > most_pixels_per_byte * static_cast<double>(bytes)) {
    fail(name, ": ", bytes, " bytes cannot hold ", width, " x ", height, " pixels; replace the file");
  }
}

[[noreturn]] void fail_undecoded(const std::string& name, const char* format, const char* reason) {
  fail(name, ": damaged or unusual ", format, " (", reason, "); replace or convert the file");
}

Image blank(int64_t width, int64_t height, int channels) {
  Image image{static_cast<int>(width), static_cast<int>(height), channels, {}};
  image.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels));
  return image;
}

enum class Depth { high_byte, any_bit };

class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> bytes) : rest_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    if (png_) info_ = png_create_info_struct(png_);
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      fail("libpng cannot start: out of memory, or another version than it was compiled with");
    }
    png_set_read_fn(png_, this, on_read);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  /// Every kind of PNG becomes RGB with 8 or 16 bits; false (and error()) if the header is not usable.
  bool read_header() {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_read_info(png_, info_);
    png_set_expand(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    stored_bits_ = png_get_bit_depth(png_, info_) * png_get_channels(png_, info_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != width() * size_t{3} * sample_bytes()) png_error(png_, "unknown colour type");
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
  size_t sample_bytes() const { return png_get_bit_depth(png_, info_) == 16 ? 2 : 1; }
  int stored_bits() const { return stored_bits_; }  // per pixel
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

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::span<const std::byte> rest_;
  int passes_ = 1;
  int stored_bits_ = 0;
  char error_[200] = "";
};

Image decode_png(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels, Depth depth) {
  PngReader reader(bytes);
  if (!reader.read_header()) fail_undecoded(name, "PNG", reader.error());
  const size_t wide = reader.sample_bytes();
  const auto width = static_cast<int64_t>(reader.width()), height = static_cast<int64_t>(reader.height());
  check_size(name, width, height, max_pixels, bytes.size(), 8.0 * 1032 / reader.stored_bits());  // deflate's best ratio
  Image image = blank(width, height, static_cast<int>(3 * wide));
  if (!reader.read_rows(image.pixels.data())) fail_undecoded(name, "PNG", reader.error());
  if (wide == 2) {
    const uint8_t* from = image.pixels.data();
    image.channels = 3;
    const size_t count = image.pixels.size() / 2;
    for (size_t i = 0; i < count; ++i) {
      const uint8_t low = depth == Depth::any_bit ? from[2 * i + 1] : uint8_t{0};
      image.pixels[i] = static_cast<uint8_t>(from[2 * i] | low);
    }
    image.pixels.resize(count);
    image.pixels.shrink_to_fit();
  }
  return image;
}

class JpegReader {
 public:
  JpegReader() {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    errors_.output_message = [](j_common_ptr) {};
    jpeg_.client_data = this;
    progress_.progress_monitor = on_progress;
  }
  ~JpegReader() {
    if (jpeg_.mem) jpeg_destroy_decompress(&jpeg_);
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  /// False (and error()) if the header is not usable.
  bool read_header(std::span<const std::byte> bytes) {
    if (setjmp(jump_)) return false;
    jpeg_create_decompress(&jpeg_);
    jpeg_.progress = &progress_;
    jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&jpeg_, TRUE);
    const bool ink = jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
    jpeg_.out_color_space = ink ? JCS_CMYK : JCS_RGB;
    jpeg_calc_output_dimensions(&jpeg_);
    return true;
  }
  bool read_rows(uint8_t* pixels) {
    if (setjmp(jump_)) return false;
    jpeg_start_decompress(&jpeg_);
    const size_t row_bytes = size_t{jpeg_.output_width} * static_cast<size_t>(jpeg_.output_components);
    while (jpeg_.output_scanline < jpeg_.output_height) {
      JSAMPROW row = pixels + jpeg_.output_scanline * row_bytes;
      jpeg_read_scanlines(&jpeg_, &row, 1);
    }
    jpeg_finish_decompress(&jpeg_);
    return true;
  }

  int64_t width() const { return jpeg_.output_width; }
  int64_t height() const { return jpeg_.output_height; }
  int channels() const { return jpeg_.out_color_components; }
  const char* error() const { return error_; }

 private:
  [[noreturn]] static void give_up(j_common_ptr jpeg) {
    auto* reader = static_cast<JpegReader*>(jpeg->client_data);
    if (reader->error_[0] == '\0') jpeg->err->format_message(jpeg, reader->error_);
    std::longjmp(reader->jump_, 1);
  }
  static void on_error(j_common_ptr jpeg) { give_up(jpeg); }
  /// libjpeg fills lost pixels with gray and only warns; here they are an error. Harmless warnings stay warnings.
  static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    switch (jpeg->err->msg_code) {
      case JWRN_JPEG_EOF:
      case JWRN_HIT_MARKER:
      case JWRN_HUFF_BAD_CODE:
      case JWRN_ARITH_BAD_CODE:
      case JWRN_MUST_RESYNC:
        give_up(jpeg);
      default:
        return;
    }
  }
  /// A progressive file of some kilobytes can name thousands of scans over millions of pixels; real ones have about
  /// ten.
  static void on_progress(j_common_ptr jpeg) {
    auto* reader = static_cast<JpegReader*>(jpeg->client_data);
    if (reader->jpeg_.input_scan_number <= 100) return;
    std::snprintf(reader->error_, sizeof reader->error_, "more than 100 scans");
    give_up(jpeg);
  }

  jpeg_decompress_struct jpeg_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf jump_;
  char error_[JMSG_LENGTH_MAX] = "";
};

/// Inverted CMYK, as Adobe writes it, to RGB: r = c * k / 255, rounded.
Image rgb_of_inverted_cmyk(const Image& cmyk) {
  Image rgb = blank(cmyk.width, cmyk.height, 3);
  for (size_t i = 0; i < rgb.pixels.size() / 3; ++i) {
    const uint8_t* ink = &cmyk.pixels[4 * i];
    for (size_t c = 0; c < 3; ++c) rgb.pixels[3 * i + c] = static_cast<uint8_t>((ink[c] * ink[3] + 127) / 255);
  }
  return rgb;
}

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels) {
  JpegReader reader;
  if (!reader.read_header(bytes)) fail_undecoded(name, "JPEG", reader.error());
  // A block of 64 pixels takes a bit at least with Huffman coding; eight times that leaves room for the arithmetic one.
  check_size(name, reader.width(), reader.height(), max_pixels, bytes.size(), 64 * 8 * 8);
  Image image = blank(reader.width(), reader.height(), reader.channels());
  if (!reader.read_rows(image.pixels.data())) fail_undecoded(name, "JPEG", reader.error());
  return image.channels == 4 ? rgb_of_inverted_cmyk(image) : image;
}

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}
bool is_jpeg(std::span<const std::byte> bytes) {
  return starts_with(bytes, "\xff\xd8\xff");
}

Image decode(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels, Depth depth) {
  if (bytes.empty()) fail(name, ": the file is empty; replace or remove it");
  if (is_jpeg(bytes)) return decode_jpeg(bytes, name, max_pixels);
  if (starts_with(bytes, "\x89PNG")) return decode_png(bytes, name, max_pixels, depth);
  std::string_view kind;
  if (starts_with(bytes, "BM")) kind = " but BMP";
  if (starts_with(bytes, "GIF8")) kind = " but GIF";
  if (starts_with(bytes, {"II*\0", 4}) || starts_with(bytes, {"MM\0*", 4})) kind = " but TIFF";
  if (starts_with(bytes, "RIFF")) kind = " but WebP";
  fail(name, ": not a PNG or JPEG image", kind, "; convert or remove the file");
}

class PngWriter {
 public:
  PngWriter() {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    if (png_) info_ = png_create_info_struct(png_);
    if (!info_) {
      png_destroy_write_struct(&png_, nullptr);
      fail("libpng cannot start: out of memory, or another version than it was compiled with");
    }
    png_set_write_fn(png_, this, on_write, [](png_structp) {});
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  bool write(const Image& image) {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
                 image.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // Eight times as fast as zlib's default level for a fifth more bytes, and overlays are written for every image.
    png_set_compression_level(png_, 1);
    png_set_filter(png_, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_write_info(png_, info_);
    for (int y = 0; y < image.height; ++y) png_write_row(png_, image.row(y));
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

Image decode_image(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels) {
  return decode(bytes, name, max_pixels, Depth::high_byte);
}

Image read_image(const std::filesystem::path& path) {
  return decode_image(read_file(path), path.string());
}

Image read_mask(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  const Image image = decode(bytes, path.string(), default_max_pixels, Depth::any_bit);
  const int above = is_jpeg(bytes) ? 127 : 0;
  Image mask = blank(image.width, image.height, 1);
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    const uint8_t* rgb = &image.pixels[3 * i];
    mask.pixels[i] = rgb[0] > above || rgb[1] > above || rgb[2] > above ? 255 : 0;
  }
  return mask;
}

std::vector<std::byte> encode_png(const Image& image) {
  const size_t expected =
      static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * static_cast<size_t>(image.channels);
  if (image.width < 1 || image.height < 1 || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != expected) {
    fail("encode_png: ", image.width, " x ", image.height, " x ", image.channels, " with ", image.pixels.size(),
         " bytes of pixels is not a gray or RGB image");
  }
  PngWriter writer;
  if (!writer.write(image)) fail("encode_png: ", image.width, " x ", image.height, ": ", writer.error());
  return std::move(writer.bytes);
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_file(path, encode_png(image));
}

}  // namespace iuf
