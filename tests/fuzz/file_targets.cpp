#include <zlib.h>

#include <sstream>

#include "apps/config_file.h"
#include "fuzz/targets.h"
#include "iuf/image/image.h"
#include "iuf/image/image_header.h"
#include "iuf/run/scores.h"
#include "nn/bytes.h"
#include "nn/file.h"
#include "nn/pth.h"
#include "nn/safetensors.h"

// Readers of single files.
namespace iuf::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPixels = 1 << 20;  // of an image that is decoded

void touch(const TensorFile& file) {
  for (const std::string& name : file.names()) {
    const DType dtype = file.at(name).dtype;
    const bool whole = dtype == DType::i64 || dtype == DType::i32 || dtype == DType::i16 || dtype == DType::i8;
    if (whole)
      file.integers(name);
    else
      file.tensor(name);
  }
}

void safetensors(Bytes bytes, const fs::path&) {
  touch(parse_safetensors(bytes, "fuzz"));
}
void pth(Bytes bytes, const fs::path&) {
  touch(parse_weights(bytes, "fuzz").tensors);
}
void image(Bytes bytes, const fs::path&) {
  const ImageHeader header = header_of(bytes);
  if (!unread_text(header).empty() || header.width > (1 << 15)) return;
  decode_image(bytes, "fuzz", kPixels);
}
void header(Bytes bytes, const fs::path& scratch) {
  header_of(bytes);
  write_file(scratch / "image", bytes);
  first_bytes(scratch / "image");
}
void csv(Bytes bytes, const fs::path&) {
  from_csv<ScoredImage>(to_view(bytes), "fuzz");
}

void config(Bytes bytes, const fs::path&) {
  CLI::App app("fuzz", "fuzz");
  app.set_config("--config", "fuzz", "");
  int64_t number = 0;
  std::string text;
  std::vector<std::string> list;
  bool flag = false;
  app.add_option("--number", number);
  app.add_option("--text", text);
  app.add_option("--list", list);
  app.add_flag("--flag", flag);
  std::istringstream in{std::string(to_view(bytes))};
  try {
    for (const CLI::ConfigItem& item : ConfigFile(app).from_config(in)) text += item.name;
  } catch (const CLI::Error&) {
  }
}

// The four bytes behind every chunk of a PNG.
void mend_png(std::vector<std::byte>& bytes) {
  for (size_t at = 8; at + 12 <= bytes.size();) {
    const auto big = [&](size_t i) { return std::to_integer<size_t>(bytes[at + i]); };
    const size_t length = big(0) << 24 | big(1) << 16 | big(2) << 8 | big(3);
    if (length > bytes.size() - at - 12) return;
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()) + at + 4, static_cast<uInt>(length + 4));
    for (size_t i = 0; i < 4; ++i) bytes[at + 8 + length + i] = static_cast<std::byte>(crc >> (24 - 8 * i));
    at += 12 + length;
  }
}

}  // namespace

const std::vector<Target>& file_targets() {
  static const std::string row =
      "object,file,label,label_name,score,threshold,verdict,predicted_object,confidence\n"
      "gear,a.png,0,good,1.5,2,ok,gear,0.5\n";
  static const std::vector<Target> all = {
      {"safetensors",
       safetensors,
       {"golden/linalg.safetensors", "golden/checkpoint.safetensors"},
       {},
       mend_safetensors},
      {"pth", pth, {"golden/checkpoint_zip.pth", "golden/checkpoint_legacy.pth", "golden/checkpoint_half.pth"}},
      {"png",
       image,
       {"iuf/image/files/rgb8.png", "iuf/image/files/gray16_interlaced.png", "iuf/image/files/palette2_interlaced.png",
        "iuf/image/files/gray1.png"},
       {},
       mend_png},
      {"jpeg",
       image,
       {"iuf/image/files/rgb_420.jpg", "iuf/image/files/gray_progressive.jpg", "iuf/image/files/cmyk.jpg"}},
      {"bmp", image, {"fuzz/seeds/small.bmp"}},
      {"tiff", image, {"fuzz/seeds/small.tif", "fuzz/seeds/lzw.tif"}},
      {"webp", image, {"fuzz/seeds/small.webp"}},
      {"header", header, {"iuf/image/files/rgb8.png", "iuf/image/files/rgb_420.jpg", "fuzz/seeds/small.tif"}},
      {"csv", csv, {}, {row}},
      {"config", config, {}, {"number = 3\ntext = \"a \\\"b\\\" \\n\"\nlist = [a, 'b',\n c]\nflag = true # why\n"}}};
  return all;
}

}  // namespace iuf::fuzz
