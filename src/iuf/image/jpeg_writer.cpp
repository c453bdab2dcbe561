#include "iuf/image/jpeg_writer.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <span>

// jpeglib.h needs <cstdio>.
#include <jpeglib.h>

#include "tensor/error.h"

namespace iuf {
namespace {

// As the readers in jpeg.cpp: libjpeg must not return from an error, and longjmp skips no destructor here.
class JpegWriter {
 public:
  JpegWriter() {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr jpeg) {
      auto* writer = static_cast<JpegWriter*>(jpeg->client_data);
      jpeg->err->format_message(jpeg, writer->error_);
      std::longjmp(writer->jump_, 1);
    };
    errors_.output_message = [](j_common_ptr) {};
    jpeg_.client_data = this;
  }
  ~JpegWriter() {
    if (jpeg_.mem) jpeg_destroy_compress(&jpeg_);
    std::free(buffer_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  /// False (and error()) where libjpeg refuses.
  bool write(const Image& image, int quality) {
    if (setjmp(jump_)) return false;
    jpeg_create_compress(&jpeg_);
    jpeg_mem_dest(&jpeg_, &buffer_, &size_);
    jpeg_.image_width = static_cast<JDIMENSION>(image.width);
    jpeg_.image_height = static_cast<JDIMENSION>(image.height);
    jpeg_.input_components = image.channels;
    jpeg_.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg_);
    jpeg_.optimize_coding = TRUE;
    jpeg_set_quality(&jpeg_, quality, TRUE);
    jpeg_start_compress(&jpeg_, TRUE);
    while (jpeg_.next_scanline < jpeg_.image_height) {
      // libjpeg reads rows, though it takes them as its own.
      JSAMPROW row = const_cast<JSAMPROW>(image.row(static_cast<int>(jpeg_.next_scanline)));
      jpeg_write_scanlines(&jpeg_, &row, 1);
    }
    jpeg_finish_compress(&jpeg_);
    return true;
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(buffer_, size_)); }
  const char* error() const { return error_; }

 private:
  jpeg_compress_struct jpeg_ = {};
  jpeg_error_mgr errors_ = {};
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
  std::jmp_buf jump_;
  char error_[JMSG_LENGTH_MAX] = "";
};

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, int quality) {
  const size_t area = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
  if (image.width < 1 || image.height < 1 || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != area * static_cast<size_t>(image.channels))
    fail("encode_jpeg: ", image.width, " x ", image.height, " x ", image.channels, " with ", image.pixels.size(),
         " bytes of pixels: gray or RGB is needed");
  JpegWriter writer;
  if (!writer.write(image, quality)) fail("encode_jpeg: ", image.width, " x ", image.height, ": ", writer.error());
  const auto bytes = writer.bytes();
  return {bytes.begin(), bytes.end()};
}

}  // namespace iuf
