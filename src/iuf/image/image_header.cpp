#include "iuf/image/image_header.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <vector>

#include "iuf/image/tiff_directories.h"
#include "nn/bytes.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using Format = ImageHeader::Format;

constexpr uint32_t kWidthTag = 256, kHeightTag = 257, kBitsTag = 258, kPhotometricTag = 262, kChannelsTag = 277;
constexpr uint64_t kPalette = 3, kMostSide = uint64_t{1} << 31;
constexpr size_t kWebpHeader = 30, kWebpLosslessHeader = 25, kBmpHeader = 30;  // bytes

struct FormatRead {
  const char* name;
  const char* library;  // that it needs; none for what every build reads
  bool built;
};
constexpr FormatRead kFormats[] = {{"PNG", nullptr, true},
                                   {"JPEG", nullptr, true},
                                   {"BMP", nullptr, true},
                                   {"TIFF", "libtiff", IUF_READS_TIFF},
                                   {"WebP", "libwebp", IUF_READS_WEBP}};

// "a, b and c", with this word for "and".
std::string listed(const std::vector<std::string>& texts, const std::string& word) {
  std::string all;
  for (size_t i = 0; i < texts.size(); ++i)
    all += (i == 0 ? "" : i + 1 == texts.size() ? " " + word + " " : ", ") + texts[i];
  return all;
}

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path) : path_(path) {
    do {
      fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    } while (fd_ < 0 && errno == EINTR);
    if (fd_ < 0) refuse();
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(fd_); }
  // Up to `count` bytes; fewer at the end of the file.
  std::string_view at(off_t offset, size_t count) {
    size_t filled = 0;
    while (filled < count) {
      const ssize_t got = ::pread(fd_, bytes_.data() + filled, count - filled, offset + static_cast<off_t>(filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno != EISDIR && errno != ESPIPE && errno != EINVAL) refuse();
      if (got <= 0) break;
      filled += static_cast<size_t>(got);
    }
    return {bytes_.data(), filled};
  }

 private:
  // A disk that does not answer makes no image into something else.
  [[noreturn]] void refuse() const {
    fail(path_.string(), ": cannot be read (", std::generic_category().message(errno), "); repair or remove it");
  }

  std::filesystem::path path_;
  int fd_ = -1;
  std::array<char, 32> bytes_{};
};

uint32_t little_endian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

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

// Also where it is a JPEG's or another's that lies in a TIFF: bits and channels are those of the first directory.
ImageHeader tiff_header(TiffDirectories directories) {
  ImageHeader header{.format = Format::tiff, .name = "TIFF"};
  if (!directories.next()) return header;
  const auto side = [&](uint32_t tag) {
    return static_cast<int64_t>(std::min(directories.number(tag).value_or(0), kMostSide));
  };
  header.width = side(kWidthTag);
  header.height = side(kHeightTag);
  header.bits = static_cast<int>(std::min<uint64_t>(directories.first_number(kBitsTag).value_or(1), 64));
  header.channels = static_cast<int>(std::min<uint64_t>(directories.number(kChannelsTag).value_or(1), 1000));
  header.palette = directories.number(kPhotometricTag) == kPalette;
  return header;
}

// The canvas of the extended format, or the picture's own size.
ImageHeader webp_header(std::string_view b) {
  ImageHeader header{.format = Format::webp, .name = "WebP", .bits = 8, .channels = 3};
  const std::string_view chunk = b.substr(std::min<size_t>(12, b.size()), 4);
  if (b.size() < (chunk == "VP8L" ? kWebpLosslessHeader : kWebpHeader)) return header;
  if (chunk == "VP8X") {
    header.width = 1 + little_endian(b, 24, 3);
    header.height = 1 + little_endian(b, 27, 3);
    header.channels = b[20] & 0x10 ? 4 : 3;
  } else if (chunk == "VP8 ") {
    header.width = little_endian(b, 26, 2) & 0x3fff;
    header.height = little_endian(b, 28, 2) & 0x3fff;
  } else if (chunk == "VP8L") {
    const uint32_t sides = little_endian(b, 21, 4);
    header.width = 1 + (sides & 0x3fff);
    header.height = 1 + (sides >> 14 & 0x3fff);
    header.channels = sides >> 28 & 1 ? 4 : 3;
  }
  return header;
}

bool is_bmp(std::string_view b) {
  if (!b.starts_with("BM") || b.size() < 10 || little_endian(b, 6, 4) != 0) return false;
  if (b.size() < 18) return true;
  const uint32_t size = little_endian(b, 14, 4);  // of the second header, which tells its version
  return size == 12 || (size >= 16 && size <= 124);
}

ImageHeader bmp_header(std::string_view b) {
  ImageHeader header{.format = Format::bmp, .name = "BMP"};
  if (b.size() < kBmpHeader) return header;
  const bool first_version = little_endian(b, 14, 4) == 12;
  header.width = static_cast<int32_t>(first_version ? little_endian(b, 18, 2) : little_endian(b, 18, 4));
  header.height = static_cast<int32_t>(first_version ? little_endian(b, 20, 2) : little_endian(b, 22, 4));
  header.width = std::max<int64_t>(header.width, 0);
  header.height = std::abs(header.height);  // negative: the first row is the upper one
  const auto bits = static_cast<int>(first_version ? little_endian(b, 24, 2) : little_endian(b, 28, 2));
  header.palette = bits <= 8;
  header.bits = header.palette ? bits : 8;
  header.channels = header.palette ? 1 : 3;
  return header;
}

bool is_tiff(std::string_view b) {
  using namespace std::string_view_literals;
  return b.starts_with("II*\0"sv) || b.starts_with("MM\0*"sv) || b.starts_with("II+\0"sv) || b.starts_with("MM\0+"sv);
}

bool is_webp(std::string_view b) {
  return b.starts_with("RIFF") && b.substr(std::min<size_t>(8, b.size())).starts_with("WEBP");
}

ImageHeader unread(const std::string& name) {
  return {.format = Format::unread, .name = name};
}

// Formats that are known only to be refused by name.
std::string unread_format(std::string_view b) {
  const auto at = [&](size_t offset, std::string_view magic) {
    return b.substr(std::min(offset, b.size())).starts_with(magic);
  };
  if (at(0, "GIF8")) return "GIF";
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

std::string formats_read(const std::string& word) {
  std::vector<std::string> names;
  for (const FormatRead& format : kFormats)
    if (format.built) names.emplace_back(format.name);
  return listed(names, word);
}

std::string formats_left_out() {
  std::vector<std::string> names;
  for (const FormatRead& format : kFormats)
    if (!format.built) names.push_back("no " + std::string(format.name) + " (built without " + format.library + ")");
  return listed(names, "and");
}

std::string unread_text(const ImageHeader& header) {
  for (const FormatRead& format : kFormats)
    if (!format.built && header.name == format.name)
      return "this build reads no " + header.name + ", only " + formats_read() +
             " images; convert this file, or build the program where " + format.library + " is installed";
  return "only " + formats_read() + " images are read; convert this file";
}

ImageHeader header_of(std::span<const std::byte> first_bytes) {
  const std::string_view bytes = to_view(first_bytes);
  if (bytes.starts_with("\x89PNG")) return png_header(bytes);
  if (bytes.starts_with("\xff\xd8\xff")) return {.format = Format::jpeg, .name = "JPEG"};
  if (is_bmp(bytes)) return bmp_header(bytes);
  if (is_tiff(bytes)) return IUF_READS_TIFF ? tiff_header(TiffDirectories(first_bytes)) : unread("TIFF");
  if (is_webp(bytes)) return IUF_READS_WEBP ? webp_header(bytes) : unread("WebP");
  const std::string name = unread_format(bytes);
  return name.empty() ? ImageHeader{} : unread(name);
}

ImageHeader first_bytes(const std::filesystem::path& path) {
  OpenFile file(path);
  return header_of(std::as_bytes(std::span(file.at(0, 32))));
}

ImageHeader read_header(const std::filesystem::path& path) {
  OpenFile file(path);
  ImageHeader header = header_of(std::as_bytes(std::span(file.at(0, 32))));
  if (header.format == Format::jpeg) read_frame(file, header);
  if (header.format == Format::tiff)
    header = tiff_header(TiffDirectories([&file](uint64_t offset, size_t count) {
      return std::as_bytes(std::span(file.at(static_cast<off_t>(offset), count)));
    }));
  return header;
}

}  // namespace iuf
