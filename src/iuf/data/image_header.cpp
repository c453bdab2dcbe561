#include "iuf/data/image_header.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "nn/bytes.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using Format = ImageHeader::Format;

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0)
      fail(path.string(), ": cannot be read (", std::generic_category().message(errno), "); repair or remove it");
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(fd_); }
  // Up to `count` bytes; fewer at the end of the file.
  std::string_view at(off_t offset, size_t count) {
    const ssize_t got = ::pread(fd_, bytes_.data(), count, offset);
    return {bytes_.data(), got > 0 ? static_cast<size_t>(got) : 0};
  }

 private:
  int fd_;
  std::array<char, 32> bytes_{};
};

uint32_t big_endian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

ImageHeader png_header(std::string_view bytes) {
  ImageHeader header{.format = Format::png, .name = "PNG"};
  if (bytes.size() < 26 || bytes.substr(12, 4) != "IHDR") return header;
  header.width = big_endian(bytes, 16, 4);
  header.height = big_endian(bytes, 20, 4);
  header.bits = static_cast<unsigned char>(bytes[24]);
  const int colour = static_cast<unsigned char>(bytes[25]);
  header.palette = colour == 3;
  header.channels = colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1;
  return header;
}

// Formats that are known only to be refused by name.
std::string unread_format(std::string_view b) {
  const auto at = [&](size_t offset, std::string_view magic) {
    return b.substr(std::min(offset, b.size())).starts_with(magic);
  };
  using namespace std::string_view_literals;
  if (at(0, "BM") && at(6, "\0\0\0\0"sv)) return "BMP";
  if (at(0, "GIF8")) return "GIF";
  if (at(0, "II*\0"sv) || at(0, "MM\0*"sv) || at(0, "II+\0"sv) || at(0, "MM\0+"sv)) return "TIFF";
  if (at(0, "RIFF") && at(8, "WEBP")) return "WebP";
  if (at(4, "jP  ") || at(0, "\xff\x4f\xff\x51")) return "JPEG 2000";
  if (at(0, "\xff\x0a") || at(4, "JXL ")) return "JPEG XL";
  if (at(4, "ftyp") && (at(8, "heic") || at(8, "heix") || at(8, "mif1") || at(8, "msf1"))) return "HEIC";
  if (at(4, "ftypavif")) return "AVIF";
  if (b.size() > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '6' && (b[2] == '\n' || b[2] == ' ' || b[2] == '\r'))
    return "PNM";
  if (at(0, "8BPS")) return "Photoshop";
  return "";
}

// Walks over the segments before the frame header, SOF.
void read_frame(OpenFile& file, ImageHeader& header) {
  off_t offset = 2;
  for (int segments = 0; segments < 1000; ++segments) {
    const std::string_view bytes = file.at(offset, 10);
    if (bytes.size() < 10 || bytes[0] != '\xff') return;
    const int marker = static_cast<unsigned char>(bytes[1]);
    if (marker == 0xff) {  // a fill byte
      ++offset;
      continue;
    }
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) {
      header.bits = static_cast<unsigned char>(bytes[4]);
      header.height = big_endian(bytes, 5, 2);
      header.width = big_endian(bytes, 7, 2);
      header.channels = static_cast<unsigned char>(bytes[9]);
      return;
    }
    offset += 2 + static_cast<off_t>(big_endian(bytes, 2, 2));
  }
}

}  // namespace

ImageHeader header_of(std::span<const std::byte> first_bytes) {
  const std::string_view bytes = to_view(first_bytes);
  if (bytes.starts_with("\x89PNG")) return png_header(bytes);
  if (bytes.starts_with("\xff\xd8\xff")) return {.format = Format::jpeg, .name = "JPEG"};
  const std::string name = unread_format(bytes);
  return {.format = name.empty() ? Format::none : Format::unread, .name = name};
}

ImageHeader first_bytes(const std::filesystem::path& path) {
  OpenFile file(path);
  return header_of(std::as_bytes(std::span(file.at(0, 32))));
}

ImageHeader read_header(const std::filesystem::path& path) {
  OpenFile file(path);
  ImageHeader header = header_of(std::as_bytes(std::span(file.at(0, 32))));
  if (header.format == Format::jpeg) read_frame(file, header);
  return header;
}

}  // namespace iuf
