#include "iuf/image/image.h"

#include <algorithm>
#include <utility>

#include "iuf/image/image_formats.h"
#include "iuf/image/image_header.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

void check_pixels(const std::string& name, int64_t width, int64_t height, int64_t max_pixels, size_t bytes,
                  double most_pixels_per_byte) {
  if (width > max_pixels / height) {
    fail(name, ": ", width, " x ", height, " pixels are more than the limit of ", max_pixels,
         "; make the image smaller");
  }
  if (static_cast<double>(width * height) > most_pixels_per_byte * static_cast<double>(bytes)) {
    fail(name, ": ", bytes, " bytes cannot hold ", width, " x ", height, " pixels; replace the file");
  }
}

[[noreturn]] void fail_undecoded(const std::string& name, const char* format, const std::string& reason) {
  fail(name, ": damaged ", format, ": ", reason, "; replace the file");
}

[[noreturn]] void fail_unread_kind(const std::string& name, const char* format, const std::string& kind) {
  fail(name, ": a kind of ", format, " that is not read: ", kind, "; convert the file");
}

Image blank_image(int64_t width, int64_t height, int channels) {
  Image image{static_cast<int>(width), static_cast<int>(height), channels, {}};
  image.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels));
  return image;
}

Raster decode_raster(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                     Transparency transparency) {
  if (bytes.empty()) fail(name, ": the file is empty; replace or remove it");
  const ImageHeader header = header_of(bytes);
  switch (header.format) {
    case ImageHeader::Format::jpeg:
      return decode_jpeg(bytes, name, max_pixels);
    case ImageHeader::Format::png:
      return decode_png(bytes, name, max_pixels, transparency);
    case ImageHeader::Format::bmp:
      return decode_bmp(bytes, name, max_pixels, transparency);
    case ImageHeader::Format::tiff:
      if constexpr (IUF_READS_TIFF) return decode_tiff(bytes, name, max_pixels, transparency);
      break;
    case ImageHeader::Format::webp:
      if constexpr (IUF_READS_WEBP) return decode_webp(bytes, name, max_pixels, transparency);
      break;
    case ImageHeader::Format::unread:
      fail(name, ": ", header.name, ": ", unread_text(header));
    case ImageHeader::Format::none:
      break;
  }
  fail(name, ": not a ", formats_read("or"), " image; convert or remove the file");
}

Image image_of(Raster raster, const ValueWindow& window) {
  Image image{raster.width, raster.height, raster.channels, std::move(raster.samples)};
  if (raster.sample_bytes == 1) return image;
  std::vector<uint8_t> table(size_t{1} << 16);
  for (size_t v = 0; v < table.size(); ++v) {
    const int64_t inside = std::clamp(static_cast<int64_t>(v), window.low, window.high) - window.low;
    table[v] = static_cast<uint8_t>(inside * 256 / (window.high - window.low + 1));
  }
  const size_t count = image.pixels.size() / 2;
  for (size_t i = 0; i < count; ++i)
    image.pixels[i] = table[static_cast<size_t>(image.pixels[2 * i] << 8 | image.pixels[2 * i + 1])];
  image.pixels.resize(count);
  image.pixels.shrink_to_fit();
  return image;
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels) {
  return image_of(decode_raster(bytes, name, max_pixels, Transparency::drop), {});
}

Image read_image(const std::filesystem::path& path) {
  return decode_image(read_file(path), path.string());
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_file(path, encode_png(image));
}

}  // namespace iuf
