#include "iuf/image/image.h"

#include <zlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <map>

#include "iuf/image/image_header.h"
#include "iuf/image/mask.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/damage.h"
#include "support/noise.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

const std::filesystem::path files = IUF_SOURCE_DIR "/tests/iuf/image/files";

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

bool equal(const Image& image, std::span<const std::byte> pixels) {
  return image.pixels.size() == pixels.size() && std::memcmp(image.pixels.data(), pixels.data(), pixels.size()) == 0;
}

/// The PNG with other sizes in its header, whose check sum is made to fit.
std::vector<std::byte> with_size(std::vector<std::byte> png, uint32_t width, uint32_t height) {
  const auto put = [&](size_t at, uint32_t value) {
    for (size_t i = 0; i < 4; ++i) png[at + i] = static_cast<std::byte>(value >> (24 - 8 * i));
  };
  put(16, width);
  put(20, height);
  put(29, static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(png.data()) + 12, 17)));
  return png;
}

}  // namespace

TEST_CASE("every kind of PNG and JPEG decodes to the pixels that Pillow decodes", "[data][image]") {
  const TensorFile decoded = read_safetensors(files / "decoded.safetensors");
  CHECK(decoded.names().size() == 42);
  for (const std::string& name : decoded.names()) {
    INFO(name);
    const Image image = read_image(files / name);
    CHECK((image.width == 13 && image.height == 9 && image.channels == 3));
    CHECK(equal(image, decoded.bytes(name)));
  }
}

TEST_CASE("a written PNG reads back equal, and equal images give equal bytes", "[data][image]") {
  const TemporaryFolder folder;
  const Image colour = noise(37, 5, 3, 1), gray = noise(3, 41, 1, 1);
  write_png(folder / "colour.png", colour);
  CHECK(read_image(folder / "colour.png").pixels == colour.pixels);
  CHECK(encode_png(colour) == encode_png(noise(37, 5, 3, 1)));
  CHECK(encode_png(colour) == read_file(folder / "colour.png"));

  const Image back = decode_image(encode_png(gray), "gray");
  CHECK((back.width == 3 && back.height == 41 && back.channels == 3));
  for (size_t i = 0; i < back.pixels.size(); ++i) REQUIRE(back.pixels[i] == gray.pixels[i / 3]);
}

TEST_CASE("an image that is not one cannot be written", "[data][image]") {
  CHECK_THROWS_WITH(encode_png({}), Contains("0 x 0 x 0"));
  CHECK_THROWS_AS(encode_png({2, 2, 2, std::vector<uint8_t>(8)}), Error);
  CHECK_THROWS_AS(encode_png({2, 2, 3, std::vector<uint8_t>(11)}), Error);
  CHECK_THROWS_AS(encode_png({-2, -2, 1, std::vector<uint8_t>(4)}), Error);
}

TEST_CASE("in a mask every value above 0 is a defect", "[data][image][mask]") {
  const TemporaryFolder folder;
  Image gray{4, 1, 1, {0, 40, 128, 255}}, colour{4, 1, 3, {0, 0, 0, 0, 0, 40, 99, 0, 0, 255, 255, 255}};
  for (const Image& image : {gray, colour}) {
    write_png(folder / "mask.png", image);
    const Image mask = read_mask(folder / "mask.png").image;
    CHECK((mask.width == 4 && mask.height == 1 && mask.channels == 1));
    CHECK(mask.pixels == std::vector<uint8_t>{0, 255, 255, 255});
  }
  const Image deep = read_mask(files / "mask16.png").image;  // values 0, 1, 256 of 16 bit
  REQUIRE(deep.pixels.size() == 117);
  for (size_t i = 0; i < deep.pixels.size(); ++i) CHECK(deep.pixels[i] == (i % 3 == 0 ? 0 : 255));
}

TEST_CASE("a JPEG mask is cut at half, because its values are not exact", "[data][image][mask]") {
  const Image image = read_image(files / "gray.jpg"), mask = read_mask(files / "gray.jpg").image;
  const auto above = [](const std::vector<uint8_t>& pixels, int value) {
    return std::count_if(pixels.begin(), pixels.end(), [value](uint8_t pixel) { return pixel > value; });
  };
  CHECK(3 * above(mask.pixels, 0) == above(image.pixels, 127));
  CHECK(above(image.pixels, 127) < above(image.pixels, 0));
}

TEST_CASE("what is no image is refused with the file's name", "[data][image][error]") {
  const auto decode = [](std::string_view content) { return decode_image(bytes_of(content), "a/b.png"); };
  CHECK_THROWS_WITH(decode("hello\n"),
                    Contains("a/b.png: not a PNG, JPEG") && Contains("; convert or remove the file"));
  CHECK_THROWS_WITH(decode({"BM\x36\x04\0\0\0\0\0\0", 10}), Contains("a/b.png") && Contains("BMP"));
  CHECK_THROWS_WITH(decode(""), Contains("a/b.png") && Contains("empty"));
  CHECK_THROWS_WITH(decode("\x89PNG\n\x1a\n"), Contains("a/b.png: damaged PNG"));
  CHECK_THROWS_WITH(decode("\xff\xd8\xff"), Contains("a/b.png: damaged JPEG"));

  const TemporaryFolder folder;
  write_file(folder / "text.png", std::string_view("hello"));
  CHECK_THROWS_WITH(read_image(folder / "text.png"), Contains((folder / "text.png").string()));
  CHECK_THROWS_WITH(read_mask(folder / "none.png"), Contains((folder / "none.png").string()));
  CHECK_THROWS_AS(read_image(folder.path()), Error);
}

TEST_CASE("the first bytes tell what kind of image a file is, and say so where it is not read", "[data][image]") {
  const std::vector<std::byte> png = read_file(files / "rgb8.png"), jpeg = read_file(files / "gray.jpg");
  CHECK(header_of(std::span(png).first(12)).format == ImageHeader::Format::png);
  CHECK(header_of(std::span(jpeg).first(12)).format == ImageHeader::Format::jpeg);
  CHECK_FALSE(header_of(png).is_deep());
  CHECK(header_of(read_file(files / "gray16.png")).is_deep());
  const std::map<std::string, std::string_view> unread = {
      {"GIF", "GIF89a"},     {"HEIC", "....ftypheic"}, {"AVIF", "....ftypavif"}, {"PNM", "P5 3 3 255\n"},
      {"Photoshop", "8BPS"}, {"JPEG XL", "\xff\x0a"},  {"JPEG 2000", "....jP  "}};
  for (const auto& [name, content] : unread) {
    CHECK(header_of(bytes_of(content)).name == name);
    CHECK(header_of(bytes_of(content)).format == ImageHeader::Format::unread);
    CHECK_THROWS_WITH(decode_image(bytes_of(content), "a/b.png"),
                      "a/b.png: " + name + ": only " + formats_read() + " images are read; convert this file");
  }
  const std::map<std::string, std::vector<std::string_view>> named = {
      {"BMP", {{"BM\x36\x04\0\0\0\0\0\0", 10}, {"BM\x36\x04\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 18}}},
      {"TIFF", {{"MM\0*", 4}, {"II*\0", 4}, {"MM\0+", 4}, {"II+\0", 4}}},
      {"WebP", {"RIFF....WEBPVP8 "}}};
  for (const auto& [name, contents] : named)
    for (const std::string_view content : contents) {
      CHECK(header_of(bytes_of(content)).name == name);
      CHECK_THROWS_AS(decode_image(bytes_of(content), "a/b.png"), Error);
    }
  for (const char* other :
       {"", "B", "BMW 3", "BM........................", "RIFF....WAVEfmt ", "RIFF", "hello", "%PDF-1.4"})
    CHECK(header_of(bytes_of(other)).format == ImageHeader::Format::none);
}

TEST_CASE("an image that was cut off anywhere is refused", "[data][image][error]") {
  for (const char* name : {"rgb8.png", "palette2_interlaced.png", "rgb_420.jpg", "gray_progressive.jpg"}) {
    const std::vector<std::byte> whole = read_file(files / name);
    for (size_t size = 0; size < whole.size(); ++size) {
      INFO(name << " cut after " << size << " of " << whole.size() << " bytes");
      CHECK_THROWS_AS(decode_image(std::span(whole).first(size), name), Error);
    }
  }
}

TEST_CASE("a JPEG whose data stop before its end marker is refused, though libjpeg fills the rest",
          "[data][image][error]") {
  std::vector<std::byte> bytes = read_file(IUF_SOURCE_DIR "/tests/golden/pattern.jpg");
  bytes.resize(bytes.size() / 2);
  bytes.insert(bytes.end(), {std::byte{0xff}, std::byte{0xd9}});
  CHECK_THROWS_WITH(decode_image(bytes, "half.jpg"), Contains("half.jpg: damaged") && Contains("premature end"));
}

TEST_CASE("a kind of JPEG that is not read is not called damaged", "[data][image][error]") {
  const std::vector<std::byte> whole = read_file(files / "gray.jpg");
  const std::byte start[] = {std::byte{0xff}, std::byte{0xc0}};
  const auto frame = std::search(whole.begin(), whole.end(), std::begin(start), std::end(start)) - whole.begin();
  for (const auto& [offset, value] :
       {std::pair{4, 12}, {4, 16}, {1, 0xc3}, {1, 0xc5}}) {  // bits; lossless, differential
    std::vector<std::byte> other = whole;
    other[static_cast<size_t>(frame + offset)] = static_cast<std::byte>(value);
    CHECK_THROWS_WITH(decode_image(other, "a.jpg"),
                      Contains("a.jpg: a kind of JPEG that is not read: Unsupported") && Contains("convert the file"));
  }
}

TEST_CASE("damage at any byte of an image gives pixels or an error, nothing else", "[data][image][error]") {
  size_t refused = 0;
  for (const char* name : {"rgba16.png", "palette4_transparent.png", "gray1_interlaced.png", "rgb_420_progressive.jpg",
                           "cmyk.jpg", "rgb_restart.jpg"}) {
    refused += read_damaged(read_file(files / name), [&](std::span<const std::byte> bytes) {
      const Image image = decode_image(bytes, name, 1 << 20);
      CHECK(image.pixels.size() == 3 * static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
    });
  }
  CHECK(refused > 0);
}

TEST_CASE("sizes beyond the limit are refused before memory is taken", "[data][image][error]") {
  const std::vector<std::byte> png = read_file(files / "rgb8.png");
  CHECK_NOTHROW(decode_image(png, "a.png", 13 * 9));
  CHECK_THROWS_WITH(decode_image(png, "a.png", 13 * 9 - 1), Contains("a.png: 13 x 9") && Contains("limit of 116"));
  CHECK_THROWS_WITH(decode_image(with_size(png, 16000, 16000), "a.png"), Contains("cannot hold 16000 x 16000"));
  CHECK_THROWS_WITH(decode_image(with_size(png, 999999, 999999), "a.png"), Contains("limit"));
  CHECK_THROWS_AS(decode_image(with_size(png, 0, 9), "a.png"), Error);
  CHECK_THROWS_AS(decode_image(with_size(png, 0x7fffffff, 0x7fffffff), "a.png"), Error);

  std::vector<std::byte> jpeg = read_file(files / "gray.jpg");
  const std::byte start[] = {std::byte{0xff}, std::byte{0xc0}};
  const auto frame = std::search(jpeg.begin(), jpeg.end(), std::begin(start), std::end(start));
  REQUIRE(frame != jpeg.end());
  std::fill_n(frame + 5, 4, std::byte{0xfe});  // height and width
  CHECK_THROWS_WITH(decode_image(jpeg, "a.jpg"), Contains("a.jpg: 65278 x 65278") && Contains("limit"));
  CHECK_THROWS_WITH(decode_image(jpeg, "a.jpg", int64_t{1} << 40), Contains("bytes cannot hold 65278 x 65278"));
}
