#include <catch2/catch.hpp>

#include "iuf/features/features.h"
#include "iuf/image/exif.h"
#include "iuf/image/mask.h"
#include "nn/file.h"
#include "support/damage.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

const std::filesystem::path golden_folder = IUF_SOURCE_DIR "/tests/golden";

Image scene(int width, int height) {
  Image image = blank_image(width, height, 3);
  uint32_t state = 7;
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return image;
}

Photograph decoded(const FileBytes& bytes, Orientation orientation = Orientation::apply) {
  return decode_photograph(bytes, "photo", {.orientation = orientation});
}

}  // namespace

TEST_CASE("a photograph stands upright, however the camera was held", "[issues][orientation]") {
  const Image upright = scene(7, 4);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    const Image stored = stored_with(upright, orientation);
    for (const bool high_first : {true, false})
      for (const uint64_t type : {1, 3, 4}) {
        const FileBytes file = with_exif_chunk(
            encode_png(stored),
            tiff_block({.orientation = static_cast<uint64_t>(orientation), .high_first = high_first, .type = type}));
        const Photograph photograph = decoded(file);
        CHECK(same(photograph.image, upright));
        CHECK(photograph.facts.orientation == orientation);
        CHECK(same(decoded(file, Orientation::ignore).image, stored));
        CHECK(same(decode_image(file, "stored"), stored));
      }
  }
}

TEST_CASE("a JPEG is turned like a PNG, and 16 bits like 8", "[issues][orientation]") {
  const FileBytes jpeg = read_file(golden_folder / "pattern.jpg");
  const Image stored = decode_image(jpeg, "jpeg");
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    const FileBytes tiff = tiff_block({.orientation = static_cast<uint64_t>(orientation)});
    CHECK(same(decoded(with_exif_segment(jpeg, tiff)).image, turned(stored, orientation)));
    // Bytes of 0xff may fill the space before a marker.
    const FileBytes filled = with_inside(with_exif_segment(jpeg, tiff), 2, {std::byte{0xff}});
    CHECK(noted_orientation(filled) == orientation);
  }
  const FileBytes deep = png_file({.width = 2, .height = 1, .samples = {0x1234, 0xabcd}});
  const Photograph photograph = decoded(with_exif_chunk(deep, tiff_block({.orientation = 6})));
  CHECK((photograph.image.width == 1 && photograph.image.height == 2));
  CHECK(photograph.image.pixels == std::vector<uint8_t>{0x12, 0x12, 0x12, 0xab, 0xab, 0xab});
}

TEST_CASE("an orientation that is damaged, hostile or none is left out", "[issues][orientation]") {
  const FileBytes png = encode_png(scene(5, 3)), jpeg = read_file(golden_folder / "pattern.jpg");
  const uint64_t far = 0xffffffff;
  for (const TiffBlock& block :
       {TiffBlock{.orientation = 0}, TiffBlock{.orientation = 9}, TiffBlock{.orientation = 65535},
        TiffBlock{.orientation = 6, .type = 2}, TiffBlock{.orientation = 6, .type = 5},
        TiffBlock{.orientation = 6, .count = 2}, TiffBlock{.orientation = 6, .count = far},
        TiffBlock{.orientation = 6, .directory = far}, TiffBlock{.orientation = 6, .directory = 30},
        TiffBlock{.orientation = 6, .directory = 0}, TiffBlock{.orientation = 6, .entries = 1}}) {
    const FileBytes tiff = tiff_block(block);
    CHECK(decoded(with_exif_chunk(png, tiff)).facts.orientation == 1);
    CHECK(decoded(with_exif_segment(jpeg, tiff)).facts.orientation == 1);
  }
  // More entries than there are, the wanted one among those that are there.
  CHECK(decoded(with_exif_chunk(png, tiff_block({.orientation = 6, .entries = 65535}))).facts.orientation == 6);
  const FileBytes whole = tiff_block({.orientation = 6});
  for (size_t size = 0; size < 30; ++size) {
    const FileBytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(decoded(with_exif_chunk(png, part)).facts.orientation == 1);
    CHECK(decoded(with_exif_segment(jpeg, part)).facts.orientation == 1);
  }
}

TEST_CASE("damage at any byte of the Exif data changes the orientation at most", "[issues][orientation]") {
  for (const FileBytes& file :
       {with_exif_chunk(encode_png(scene(5, 3)), tiff_block({.orientation = 6})),
        with_exif_segment(read_file(golden_folder / "pattern.jpg"), tiff_block({.orientation = 6}))}) {
    read_damaged(file, [&](std::span<const std::byte> bytes) {
      const int orientation = noted_orientation(bytes);
      CHECK((orientation >= 1 && orientation <= 8));
    });
    for (size_t size = 0; size < file.size(); ++size) {
      const int orientation = noted_orientation(std::span(file).first(size));
      CHECK((orientation == 1 || orientation == 6));
    }
  }
}

TEST_CASE("a mask belongs to the upright photograph, and is turned with it where it fits the stored one alone",
          "[issues][orientation][mask]") {
  const TemporaryFolder folder;
  Image drawn = blank_image(4, 3, 1);
  drawn.pixels[1] = 255;
  const Image upright = scene(4, 3);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    const FileBytes tiff = tiff_block({.orientation = static_cast<uint64_t>(orientation)});
    const Photograph photograph = decoded(with_exif_chunk(encode_png(stored_with(upright, orientation)), tiff));
    const MaskedPhoto photo = masked_photo(photograph);
    write_png(folder / "upright.png", drawn);
    CHECK(same(read_mask(folder / "upright.png", photo).image, drawn));
    const Image stored = stored_with(drawn, orientation);
    if (orientation >= 5) {
      write_png(folder / "stored.png", stored);
      CHECK(same(read_mask(folder / "stored.png", photo).image, drawn));
    }
    write_file(folder / "noted.png", with_exif_chunk(encode_png(stored), tiff));  // a copy that kept the note
    CHECK(same(read_mask(folder / "noted.png", photo).image, drawn));
  }
}

TEST_CASE("features are those of the upright photograph, and the cache tells whether it is turned",
          "[issues][orientation]") {
  const TemporaryFolder folder;
  const Backbone backbone = Backbone::embedded();
  Settings settings = profile("fast");
  settings.image_size = 32;
  settings.grid = 4;
  const Image upright = scene(40, 30);
  write_png(folder / "upright.png", upright);
  const std::string noted = (folder / "noted.png").string();
  write_file(noted, with_exif_chunk(encode_png(stored_with(upright, 6)), tiff_block({.orientation = 6})));

  const FeatureExtractor applies(backbone, settings);
  settings.orientation = Orientation::ignore;
  const FeatureExtractor ignores(backbone, settings);
  const ImageFeatures wanted = applies(applies.read(folder / "upright.png"));
  const ImageFeatures got = applies(applies.read(noted)), as_stored = ignores(ignores.read(noted));
  CHECK((got.width == 40 && got.height == 30 && got.pixels == wanted.pixels));
  CHECK((as_stored.width == 30 && as_stored.height == 40 && as_stored.pixels != wanted.pixels));

  const FeatureCache upright_cache(folder.path() / "cache", applies), stored_cache(folder.path() / "cache", ignores);
  const uint64_t hash = stored_cache.read({noted}, "", {}).front().content;
  CHECK(upright_cache.read({noted}, "", {}).front().content == hash);
  CHECK(upright_cache.load(noted, hash).pixels == got.pixels);
  CHECK(upright_cache.read({noted}, "", {}).front().picture.orientation == 6);
  CHECK(stored_cache.load(noted, hash).pixels == as_stored.pixels);
  CHECK(stored_cache.read({noted}, "", {}).front().picture.orientation == 1);
}
