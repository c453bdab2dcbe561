#include <catch2/catch.hpp>

#include "iuf/image/image_header.h"
#include "iuf/image/image_parts.h"
#include "iuf/image/mask.h"
#include "iuf/image/value_window.h"
#include "iuf/learn/model.h"
#include "nn/file.h"
#include "support/damage.h"
#include "support/notes.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"
#include "support/tiff_file.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr uint32_t kTiffWidth = 37, kTiffHeight = 21;

std::vector<uint16_t> drawn(int channels, int bits, uint32_t width = kTiffWidth, uint32_t height = kTiffHeight) {
  Dice dice(static_cast<uint32_t>(channels * bits));
  std::vector<uint16_t> samples;
  // Runs, so that every compression has something to do.
  while (samples.size() < size_t{width} * height * static_cast<size_t>(channels))
    samples.insert(samples.end(), 1 + dice.below(5), static_cast<uint16_t>(dice.below(1U << bits)));
  samples.resize(size_t{width} * height * static_cast<size_t>(channels));
  return samples;
}

TiffFile drawn_file(int channels, int bits) {
  return {
      .width = kTiffWidth, .height = kTiffHeight, .bits = bits, .channels = channels, .samples = drawn(channels, bits)};
}

// A PNG of the same values, those of less than 8 bits as they are shown.
FileBytes equal_png(const TiffFile& tiff) {
  PngFile png{.width = tiff.width,
              .height = tiff.height,
              .bits = tiff.bits == 16 ? 16 : 8,
              .channels = tiff.channels,
              .samples = tiff.samples};
  const int most = (1 << tiff.bits) - 1;
  if (tiff.bits < 8)
    for (uint16_t& v : png.samples) v = static_cast<uint16_t>(v * 255 / most);
  if (tiff.photometric == PHOTOMETRIC_MINISWHITE)
    for (uint16_t& v : png.samples) v = static_cast<uint16_t>((tiff.bits == 16 ? 65535 : 255) - v);
  return png_file(png);
}

// As a photograph by this window too, with all that is known of it.
void check_equal(const TiffFile& tiff) {
  const FileBytes file = tiff_file(tiff), png = equal_png(tiff);
  CHECK(same(decode_image(file, "a.tif"), decode_image(png, "a.png")));
  const PhotoReading reading{.window = ValueWindow{100, 40000}};
  const Photograph own = decode_photograph(file, "a.tif", reading), other = decode_photograph(png, "a.png", reading);
  CHECK(same(own.image, other.image));
  CHECK((own.values == other.values && own.facts.deep == other.facts.deep && own.facts.common == other.facts.common));
  CHECK(own.facts.transparent == other.facts.transparent);
  CHECK(own.facts.pictures == 1);
  const ImageHeader header = header_of(file);
  CHECK((header.width == tiff.width && header.height == tiff.height && header.bits == tiff.bits));
  CHECK((header.channels == tiff.channels && header.is_deep() == (tiff.bits == 16)));
}

}  // namespace

TEST_CASE("a TIFF gives the pixels of the equal PNG, however it is stored", "[data][image][tiff]") {
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE, COMPRESSION_PACKBITS})
    for (const int channels : {1, 2, 3, 4})
      for (const int bits : {8, 16})
        for (const uint32_t tile : {0, 16})
          for (const bool separate : {false, true}) {
            INFO("compression " << compression << ", " << channels << " channels of " << bits << " bits, tile " << tile
                                << ", separate planes: " << separate);
            TiffFile tiff = drawn_file(channels, bits);
            tiff.compression = compression;
            tiff.tile = tile;
            tiff.separate = separate;
            if (compression == COMPRESSION_LZW || compression == COMPRESSION_ADOBE_DEFLATE) tiff.predictor = 2;
            check_equal(tiff);
          }
}

TEST_CASE("neither the order of bytes, nor strips, nor offsets of 8 bytes change a TIFF's pixels",
          "[data][image][tiff]") {
  for (const char* mode : {"wl", "wb", "w8", "wb8"})
    for (const uint32_t rows : {1U, 7U, kTiffHeight, 1000U})
      for (const int bits : {8, 16}) {
        INFO(mode << ", " << rows << " rows in a strip, " << bits << " bits");
        TiffFile tiff = drawn_file(3, bits);
        tiff.mode = mode;
        tiff.rows_per_strip = rows;
        check_equal(tiff);
      }
}

TEST_CASE("few bits, white as 0 and palettes of a TIFF are shown as in a PNG", "[data][image][tiff]") {
  for (const int bits : {1, 2, 4, 8, 16})
    for (const int photometric : {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE}) {
      INFO(bits << " bits, photometric " << photometric);
      TiffFile tiff = drawn_file(1, bits);
      tiff.photometric = photometric;
      tiff.compression = COMPRESSION_PACKBITS;
      check_equal(tiff);
    }
  for (const int bits : {1, 2, 4, 8})
    for (const int scale : {257, 1}) {  // 16 bits, as specified, and 8
      INFO("palette of " << bits << " bits times " << scale);
      TiffFile tiff = drawn_file(1, bits);
      tiff.photometric = PHOTOMETRIC_PALETTE;
      const auto colours = size_t{1} << bits;
      for (size_t i = 0; i < 3 * colours; ++i)
        tiff.palette.push_back(static_cast<uint16_t>((i * 83 + 40) % 256 * static_cast<size_t>(scale)));
      PngFile png{.width = kTiffWidth, .height = kTiffHeight, .bits = 8, .channels = 3};
      for (const uint16_t n : tiff.samples)
        for (size_t c = 0; c < 3; ++c)
          png.samples.push_back(static_cast<uint16_t>(tiff.palette[c * colours + n] / scale));
      CHECK(same(decode_image(tiff_file(tiff), "a.tif"), decode_image(png_file(png), "a.png")));
      CHECK(header_of(tiff_file(tiff)).palette);
    }
}

TEST_CASE("a TIFF with the pictures of a JPEG in it is read nearly as it was drawn", "[data][image][tiff]") {
  for (const int channels : {1, 3})
    for (const uint32_t tile : {0, 16}) {
      INFO(channels << " channels, tile " << tile);
      TiffFile tiff{.width = 64, .height = 48, .channels = channels};
      for (uint32_t i = 0; i < 64 * 48 * static_cast<uint32_t>(channels); ++i)
        tiff.samples.push_back(static_cast<uint16_t>(i / static_cast<uint32_t>(channels) % 64 * 3 + 20));
      const Image expected = decode_image(equal_png(tiff), "a.png");
      tiff.compression = COMPRESSION_JPEG;
      tiff.rows_per_strip = 16;
      tiff.tile = tile;
      if (channels == 3) tiff.photometric = PHOTOMETRIC_YCBCR;
      tiff.more = [](TIFF* file) {
        TIFFSetField(file, TIFFTAG_JPEGQUALITY, 95);
        TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      };
      const Image image = decode_image(tiff_file(tiff), "a.tif");
      REQUIRE((image.width == 64 && image.height == 48));
      int largest = 0;
      for (size_t i = 0; i < image.pixels.size(); ++i)
        largest = std::max(largest, std::abs(image.pixels[i] - expected.pixels[i]));
      CHECK(largest <= 12);
    }
}

TEST_CASE("a TIFF is turned as it notes, and its first page counts", "[data][image][tiff][orientation]") {
  for (const char* mode : {"wl", "wb", "w8"})
    for (uint16_t orientation = 1; orientation <= 8; ++orientation)
      for (const int pages : {1, 3}) {
        INFO(mode << ", orientation " << orientation << ", " << pages << " pages");
        TiffFile tiff = drawn_file(3, 8);
        tiff.orientation = orientation;
        tiff.pages = pages;
        tiff.mode = mode;
        const FileBytes file = tiff_file(tiff);
        const Image upright =
            decode_photograph(with_exif_chunk(equal_png(tiff), tiff_block({.orientation = uint64_t{orientation}})),
                              "a.png", {})
                .image;
        const Photograph photograph = decode_photograph(file, "a.tif", {});
        CHECK(same(photograph.image, upright));
        CHECK((photograph.facts.orientation == orientation && photograph.facts.pictures == pages));
      }
}

TEST_CASE("directories of a TIFF that come back to themselves are counted once", "[data][image][tiff]") {
  FileBytes file = tiff_block({.high_first = false});
  file.resize(8 + 2 + 2 * 12);
  put_number(file, 8, 4, false);
  CHECK(pictures_in(file) == 1);
}

TEST_CASE("a file's header is told from where its directory lies", "[data][image][tiff]") {
  const TemporaryFolder folder;
  TiffFile tiff = drawn_file(3, 16);
  for (const char* mode : {"wl", "wb", "w8"}) {
    tiff.mode = mode;
    write_file(folder / "a.png", tiff_file(tiff));  // whatever its name
    const ImageHeader header = read_header(folder / "a.png");
    CHECK((header.name == "TIFF" && header.width == kTiffWidth && header.height == kTiffHeight));
    CHECK((header.bits == 16 && header.channels == 3 && header.is_deep()));
    CHECK(window_of({(folder / "a.png").string()})->window == ValueWindow{});
  }
}

TEST_CASE("a kind of TIFF that is not read is refused by name and not called damaged", "[data][image][tiff][error]") {
  const auto refused = [](const TiffFile& tiff, const std::string& reason) {
    CHECK_THROWS_WITH(decode_image(tiff_file(tiff), "a/b.tif"),
                      Contains("a/b.tif: a kind of TIFF that is not read: " + reason) && Contains("convert the file"));
  };
  const auto with = [](int channels, int bits, uint16_t tag, int value) {
    TiffFile tiff = drawn_file(channels, bits);
    tiff.more = [tag, value](TIFF* file) { TIFFSetField(file, tag, value); };
    return tiff;
  };
  refused(with(1, 16, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP), "floating-point numbers");
  refused(with(1, 16, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_INT), "numbers with a sign");
  refused(with(1, 16, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_COMPLEXINT), "complex numbers");
  refused(with(1, 8, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE), "its first picture is a reduced one");
  refused(with(1, 8, TIFFTAG_SUBFILETYPE, FILETYPE_MASK), "its first picture is a mask");
  refused(with(3, 8, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_CIELAB), "colours of kind 8");
  refused(with(4, 8, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_SEPARATED), "colours of kind 5");
  refused(with(3, 8, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR), "colours of kind 6");
  refused(with(3, 8, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK), "3 values per pixel");
  TiffFile fax = drawn_file(1, 1);
  fax.compression = COMPRESSION_CCITTFAX4;
  refused(fax, "compression 4");
}

TEST_CASE("a TIFF that is too large for its bytes or at all is refused before memory is taken",
          "[data][image][tiff][error]") {
  const auto with_size = [](uint32_t width, uint32_t height, int compression, uint32_t tile = 0) {
    TiffFile tiff = drawn_file(1, 8);
    tiff.compression = compression;
    tiff.tile = tile;
    FileBytes file = tiff_file(tiff);
    const size_t directory = load_number<uint32_t>(Bytes(file).subspan(4));
    for (size_t entry = directory + 2; entry + 12 <= file.size(); entry += 12)
      for (const auto& [tag, value] : {std::pair(uint16_t{256}, width), {uint16_t{257}, height}})
        if (load_number<uint16_t>(Bytes(file).subspan(entry)) == tag) {
          FileBytes number;
          put_number(number, 4, 2, false);
          put_number(number, 1, 4, false);
          put_number(number, value, 4, false);
          std::ranges::copy(number, file.begin() + static_cast<std::ptrdiff_t>(entry + 2));
        }
    return file;
  };
  const auto refused = [](const FileBytes& file, const std::string& reason) {
    CHECK_THROWS_WITH(decode_image(file, "a.tif"), Contains("a.tif: ") && Contains(reason));
  };
  CHECK_NOTHROW(decode_image(with_size(kTiffWidth, kTiffHeight, COMPRESSION_LZW), "whole"));
  for (const uint32_t side : {70000U, 0xffffffffU})
    refused(with_size(side, side, COMPRESSION_LZW), "more than the limit");
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_DEFLATE, COMPRESSION_PACKBITS})
    for (const uint32_t tile : {0, 16}) refused(with_size(16000, 16000, compression, tile), "16000");
  refused(with_size(0, 5, COMPRESSION_NONE), "damaged TIFF");
}

TEST_CASE("a TIFF that was cut off is refused, and libtiff's reason is said", "[data][image][tiff][error]") {
  TiffFile tiff = drawn_file(3, 8);
  const FileBytes whole = tiff_file(tiff);
  for (size_t i = 0; i < 16; ++i) {
    INFO(i << " sixteenths");
    CHECK_THROWS_AS(decode_image(std::span(whole).first(whole.size() * i / 16), "cut.tif"), Error);
  }
  FileBytes bad = tiff_file([&] {
    tiff.compression = COMPRESSION_LZW;
    return tiff;
  }());
  for (size_t i = 20; i < 60; ++i) bad[i] = std::byte{0xff};
  CHECK_THROWS_WITH(decode_image(bad, "bad.tif"), Contains("bad.tif: damaged TIFF: Using code not yet in table"));
}

TEST_CASE("a damaged TIFF is read or refused, whatever was damaged", "[data][image][tiff][error]") {
  const auto read = [](std::span<const std::byte> bytes) { decode_photograph(bytes, "damaged", {}); };
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS, COMPRESSION_JPEG}) {
    TiffFile tiff = drawn_file(3, 8);
    tiff.compression = compression;
    if (compression == COMPRESSION_JPEG) tiff.rows_per_strip = 16;
    if (compression == COMPRESSION_LZW || compression == COMPRESSION_NONE) tiff.tile = 16;
    if (compression == COMPRESSION_ADOBE_DEFLATE) tiff.mode = "wb8";
    CHECK(read_mutated(tiff_file(tiff), 400, read) > 16);
  }
  // Where all that can be told lies in the directory.
  TiffFile small{.width = 4, .height = 4, .bits = 8, .channels = 1, .samples = std::vector<uint16_t>(16, 7)};
  small.pages = 2;
  CHECK(read_mutated(tiff_file(small), 2000, read) > 16);
}

TEST_CASE("a TIFF of a 12-bit camera scores as the equal PNG", "[data][tiff][window]") {
  const TemporaryFolder folder;
  const auto learned = [&](const std::string& ending, bool tiff, std::vector<double>& scores) {
    std::vector<std::string> paths;
    for (uint32_t i = 0; i < 5; ++i) {
      Dice dice(i);
      TiffFile file{.width = 48, .height = 48, .bits = 16};
      for (int n = 0; n < 48 * 48; ++n) file.samples.push_back(static_cast<uint16_t>(dice.below(4096)));
      file.compression = COMPRESSION_LZW;
      paths.push_back((folder / (std::to_string(i) + ending)).string());
      write_file(paths.back(), tiff ? tiff_file(file) : equal_png(file));
    }
    Settings s = starting_settings("fast", "gaussian");
    s.image_size = 64;
    s.grid = 4;
    Model model("fast", "gaussian", s, Backbone::embedded());
    Notes notes;
    model.learn({{"object", paths}}, FeatureCache(folder.path() / "cache", model.extractor()),
                {.progress = notes.progress()});
    CHECK(model.settings().window == "0:4095");
    CHECK(notes.notes == std::vector<std::string>{"16-bit images: the window is 0:4095"});
    for (const std::string& file : paths) scores.push_back(model.judge(model.extractor().read(file).image).score);
    return model.objects()[0].threshold;
  };
  std::vector<double> of_tiff, of_png;
  CHECK(learned(".tiff", true, of_tiff) == learned(".png", false, of_png));
  CHECK(of_tiff == of_png);
}

TEST_CASE("a mask in a TIFF is one, and black under several numbers is refused", "[data][mask][tiff]") {
  const TemporaryFolder folder;
  TiffFile tiff{.width = 4, .height = 1, .samples = {0, 1, 2, 0}, .photometric = PHOTOMETRIC_PALETTE};
  tiff.palette = std::vector<uint16_t>(3 * 256);
  for (const size_t n : {1, 2})
    for (const size_t c : {0, 256, 512}) tiff.palette[c + n] = 65535;
  write_file(folder / "mask.tif", tiff_file(tiff));
  CHECK(read_mask(folder / "mask.tif").image.pixels == std::vector<uint8_t>{0, 255, 255, 0});
  for (const size_t c : {0, 256, 512}) tiff.palette[c + 1] = 0;
  write_file(folder / "mask.tif", tiff_file(tiff));
  CHECK_THROWS_WITH(read_mask(folder / "mask.tif"), Contains("several of its numbers as black"));
}
