#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <utility>

// In this order: jpeglib.h needs <cstdio>, and the numbers in jerror.h depend on what jpeglib.h defines.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "iuf/image/image_formats.h"
#include "tensor/error.h"

namespace iuf {
namespace {

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
    if (jpeg_has_multiple_scans(&jpeg_) && !has_all_scans()) {
      std::snprintf(error_, sizeof error_, "scans are missing, it was cut and closed again");
      return false;
    }
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
  /// Whether the file may be whole, but of a kind that libjpeg does not read: 12 bits, lossless.
  bool unsupported() const {
    return errors_.msg_code == JERR_BAD_PRECISION || errors_.msg_code == JERR_SOF_UNSUPPORTED ||
           errors_.msg_code == JERR_ARITH_NOTIMPL;
  }

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
    for (int i = 0; i < reader->jpeg_.comps_in_scan; ++i)
      reader->seen_[reader->jpeg_.cur_comp_info[i]->component_index] = true;
    if (reader->jpeg_.input_scan_number <= 100) return;
    std::snprintf(reader->error_, sizeof reader->error_, "more than 100 scans");
    give_up(jpeg);
  }

  /// Of a file that is read to its end: whether each component had a scan and, of a progressive file, each of its
  /// coefficients came down to bit 0. libjpeg takes what is missing for 0, which blurs the picture or takes its
  /// colours.
  bool has_all_scans() const {
    for (int c = 0; c < jpeg_.num_components; ++c) {
      if (!seen_[c]) return false;
      if (jpeg_.progressive_mode &&
          !std::all_of(jpeg_.coef_bits[c], jpeg_.coef_bits[c] + DCTSIZE2, [](int bit) { return bit == 0; }))
        return false;
    }
    return true;
  }

  jpeg_decompress_struct jpeg_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf jump_;
  char error_[JMSG_LENGTH_MAX] = "";
  bool seen_[MAX_COMPONENTS] = {};  // in a scan so far
};

/// Inverted CMYK, as Adobe writes it, to RGB: r = c * k / 255, rounded.
Image rgb_of_inverted_cmyk(const Image& cmyk) {
  Image rgb = blank_image(cmyk.width, cmyk.height, 3);
  for (size_t i = 0; i < rgb.pixels.size() / 3; ++i) {
    const uint8_t* ink = &cmyk.pixels[4 * i];
    for (size_t c = 0; c < 3; ++c) rgb.pixels[3 * i + c] = static_cast<uint8_t>((ink[c] * ink[3] + 127) / 255);
  }
  return rgb;
}

}  // namespace

Raster decode_jpeg(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels) {
  JpegReader reader;
  const auto refuse = [&] {
    if (reader.unsupported()) fail(name, ": a kind of JPEG that is not read: ", reader.error(), "; convert the file");
    fail_undecoded(name, "JPEG", reader.error());
  };
  if (!reader.read_header(bytes)) refuse();
  // A block of 64 pixels takes a bit at least with Huffman coding; eight times that leaves room for the arithmetic one.
  check_pixels(name, reader.width(), reader.height(), max_pixels, bytes.size(), 64 * 8 * 8);
  Image image = blank_image(reader.width(), reader.height(), reader.channels());
  if (!reader.read_rows(image.pixels.data())) refuse();
  if (image.channels == 4) image = rgb_of_inverted_cmyk(image);
  return {.width = image.width, .height = image.height, .samples = std::move(image.pixels)};
}

}  // namespace iuf
