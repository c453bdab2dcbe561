#include <catch2/catch.hpp>
#include <cstdlib>

#include "iuf/image/image_header.h"
#include "iuf/image/mask.h"
#include "iuf/image/photograph.h"
#include "nn/file.h"
#include "support/damage.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"
#include "support/webp_file.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr int kWebpWidth = 38, kWebpHeight = 22;
constexpr int kAnimation = 2, kExif = 8, kAlpha = 16;  // flags of the extended format

WebpFile drawn(int channels, int width = kWebpWidth, int height = kWebpHeight) {
  Dice dice(static_cast<uint32_t>(channels * width));
  WebpFile webp{.width = width, .height = height, .channels = channels};
  for (int i = 0; i < width * height * channels; ++i) webp.pixels.push_back(static_cast<uint8_t>(dice.below(256)));
  return webp;
}

// Soft, so that a lossy file is near it.
WebpFile soft(int channels) {
  WebpFile webp{.width = kWebpWidth, .height = kWebpHeight, .channels = channels};
  for (int i = 0; i < kWebpWidth * kWebpHeight; ++i)
    for (int c = 0; c < channels; ++c)
      webp.pixels.push_back(static_cast<uint8_t>(c == 3 ? 200 : i % kWebpWidth * 4 + 40));
  return webp;
}

FileBytes equal_png(const WebpFile& webp) {
  return png_file({.width = static_cast<uint32_t>(webp.width),
                   .height = static_cast<uint32_t>(webp.height),
                   .bits = 8,
                   .channels = webp.channels,
                   .samples = {webp.pixels.begin(), webp.pixels.end()}});
}

FileBytes with_exif(const WebpFile& webp, const FileBytes& exif) {
  return extended_webp(webp.width, webp.height, kExif, {webp_chunks(webp_file(webp)), riff_chunk("EXIF", exif)});
}

}  // namespace

TEST_CASE("a lossless WebP gives the pixels of the equal PNG, and transparency is left out", "[data][image][webp]") {
  for (const int channels : {3, 4}) {
    const WebpFile webp = drawn(channels);
    const FileBytes file = webp_file(webp), png = equal_png(webp);
    CHECK(same(decode_image(file, "a.webp"), decode_image(png, "a.png")));
    const Photograph own = decode_photograph(file, "a.webp", {}), other = decode_photograph(png, "a.png", {});
    CHECK(same(own.image, other.image));
    CHECK((own.facts.transparent == other.facts.transparent && own.facts.pictures == 1 && !own.facts.deep));
    const ImageHeader header = header_of(std::span(file).first(32));
    CHECK((header.readable() && header.name == "WebP" && header.bits == 8 && header.channels == channels));
    CHECK((header.width == kWebpWidth && header.height == kWebpHeight));
  }
  const WebpFile point{.width = 1, .height = 1, .pixels = {9, 8, 7}};
  CHECK(decode_image(webp_file(point), "point").pixels == point.pixels);
}

TEST_CASE("a lossy WebP is read nearly as it was drawn", "[data][image][webp]") {
  for (const int channels : {3, 4}) {
    WebpFile webp = soft(channels);
    const Image expected = decode_image(equal_png(webp), "a.png");
    webp.quality = 95;
    const FileBytes file = webp_file(webp);
    const Photograph photograph = decode_photograph(file, "a.webp", {});
    REQUIRE(photograph.image.pixels.size() == expected.pixels.size());
    int largest = 0;
    for (size_t i = 0; i < expected.pixels.size(); ++i)
      largest = std::max(largest, std::abs(expected.pixels[i] - photograph.image.pixels[i]));
    CHECK(largest <= 12);
    CHECK(photograph.facts.transparent == (channels == 4 ? 1 : 0));
    const ImageHeader header = header_of(std::span(file).first(32));
    CHECK((header.width == kWebpWidth && header.height == kWebpHeight && header.channels == channels));
  }
}

TEST_CASE("a WebP is turned as its EXIF chunk notes", "[data][image][webp][orientation]") {
  const WebpFile webp = drawn(3);
  for (uint64_t orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    const FileBytes tiff = tiff_block({.orientation = orientation});
    const Image upright = decode_photograph(with_exif_chunk(equal_png(webp), tiff), "a.png", {}).image;
    CHECK(same(decode_photograph(with_exif(webp, tiff), "a.webp", {}).image, upright));
    FileBytes prefixed;
    put(prefixed, {"Exif\0\0", 6});
    put(prefixed, tiff);
    CHECK(same(decode_photograph(with_exif(webp, prefixed), "a.webp", {}).image, upright));
    CHECK(same(decode_photograph(with_exif(webp, tiff), "a", {.orientation = Orientation::ignore}).image,
               decode_image(equal_png(webp), "a.png")));
  }
  CHECK(decode_photograph(with_exif(webp, FileBytes(7)), "damaged note", {}).facts.orientation == 1);
}

TEST_CASE("the first frame of an animated WebP counts, where it lies on the canvas", "[data][image][webp]") {
  const FileBytes colour = riff_chunk("ANIM", FileBytes(6));
  for (const int channels : {3, 4})
    for (const float quality : {-1.F, 90.F}) {
      WebpFile first = quality < 0 ? drawn(channels) : soft(channels);
      first.quality = quality;
      const FileBytes whole = extended_webp(kWebpWidth, kWebpHeight, kAnimation | kAlpha,
                                            {colour, webp_frame(first, 0, 0), webp_frame(drawn(3, 8, 8), 2, 4)});
      const Photograph photograph = decode_photograph(whole, "a.webp", {});
      CHECK(photograph.facts.pictures == 2);
      CHECK(same(photograph.image, decode_image(webp_file(first), "still")));
    }
  const WebpFile part = drawn(3, 8, 6);
  const FileBytes file = extended_webp(20, 10, kAnimation, {colour, webp_frame(part, 4, 2)});
  const Photograph photograph = decode_photograph(file, "a.webp", {});
  CHECK(photograph.facts.transparent == 1 - 48.0 / 200);
  Image expected = blank_image(20, 10, 3);
  for (int y = 0; y < 6; ++y) std::copy_n(&part.pixels[static_cast<size_t>(y * 24)], 24, expected.row(y + 2) + 12);
  CHECK(same(photograph.image, expected));
  for (const auto& [left, top] : {std::pair(14, 2), {4, 6}, {1000, 0}})
    CHECK_THROWS_WITH(decode_image(extended_webp(20, 10, kAnimation, {colour, webp_frame(part, left, top)}), "a.webp"),
                      Contains("a.webp: damaged WebP: its first frame is larger"));
  CHECK_THROWS_WITH(decode_image(extended_webp(20, 10, kAnimation, {colour}), "a.webp"),
                    Contains("an animation without a frame"));
}

TEST_CASE("a WebP that is cut off, or too large for its bytes or at all, is refused", "[data][image][webp][error]") {
  for (const int channels : {3, 4})
    for (const float quality : {-1.F, 50.F}) {
      WebpFile webp = soft(channels);
      webp.quality = quality;
      const FileBytes whole = webp_file(webp);
      for (size_t size = 0; size + 1 < whole.size(); size += 1 + whole.size() / 50)
        CHECK_THROWS_AS(decode_image(std::span(whole).first(size), "cut.webp"), Error);
    }
  WebpFile flat{.width = 1000, .height = 1000, .pixels = std::vector<uint8_t>(3000000, 7)};
  const FileBytes file = webp_file(flat);
  CHECK(file.size() < 200);
  CHECK(decode_image(file, "flat.webp").pixels == flat.pixels);  // a dead camera's
  const FileBytes chunks = webp_chunks(file);
  CHECK_THROWS_WITH(decode_image(extended_webp(16000, 16000, 0, {chunks}), "a.webp"),
                    Contains("a.webp: ") && Contains("cannot hold 16000 x 16000 pixels"));
  CHECK_THROWS_WITH(decode_image(extended_webp(1 << 24, 1 << 24, 0, {chunks}), "a.webp"),
                    Contains("more than the limit"));
  CHECK_THROWS_AS(decode_image(extended_webp(1001, 1000, 0, {chunks}), "a.webp"), Error);
}

TEST_CASE("a damaged WebP is read or refused, whatever was damaged", "[data][image][webp][error]") {
  const auto read = [](std::span<const std::byte> bytes) { decode_photograph(bytes, "damaged", {}); };
  WebpFile lossy = soft(4);
  lossy.quality = 50;
  const FileBytes animated = extended_webp(kWebpWidth, kWebpHeight, kAnimation | kAlpha,
                                           {riff_chunk("ANIM", FileBytes(6)), webp_frame(lossy, 0, 0)});
  for (const FileBytes& file :
       {webp_file(soft(3)), webp_file(lossy), animated, with_exif(soft(3), tiff_block({.orientation = 6}))})
    CHECK(read_mutated(file, 500, read) > 16);
}

TEST_CASE("a mask in a lossy WebP is cut at half, as in a JPEG", "[data][mask][webp]") {
  const TemporaryFolder folder;
  WebpFile mask{.width = 32, .height = 32};
  for (int i = 0; i < 32 * 32; ++i) mask.pixels.insert(mask.pixels.end(), 3, i % 32 < 16 ? 255 : 0);
  for (const float quality : {-1.F, 60.F}) {
    mask.quality = quality;
    write_file(folder / "mask.webp", webp_file(mask));
    const Image image = read_mask(folder / "mask.webp").image;
    for (size_t i = 0; i < image.pixels.size(); ++i) REQUIRE(image.pixels[i] == (i % 32 < 16 ? 255 : 0));
  }
  for (uint8_t& value : mask.pixels) value = value > 0 ? 2 : 0;
  write_file(folder / "mask.webp", webp_file(mask));
  CHECK_THROWS_WITH(read_mask(folder / "mask.webp"), Contains("a lossy WebP mask"));
}
