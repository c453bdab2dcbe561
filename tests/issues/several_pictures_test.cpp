#include <catch2/catch.hpp>

#include "iuf/image/image_parts.h"
#include "iuf/image/photograph.h"
#include "iuf/learn/model.h"
#include "iuf/run/prediction.h"
#include "nn/file.h"
#include "support/jpeg_file.h"
#include "support/notes.h"
#include "support/temporary_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr int kPictureSide = 64;

FileBytes jpeg(int seed) {
  return jpeg_file(kPictureSide, kPictureSide,
                   [seed](int x, int y) { return (x * (3 + seed) + y * 5 + x * y * seed) % 200; });
}

FileBytes png(uint32_t channels = 3, int bits = 8, uint16_t last = 255) {
  PngFile file{.width = kPictureSide, .height = kPictureSide, .bits = bits, .channels = static_cast<int>(channels)};
  for (uint32_t i = 0; i < kPictureSide * kPictureSide * channels; ++i)
    file.samples.push_back(channels % 2 == 0 && i % channels == channels - 1
                               ? (i / channels % 9 == 0 ? last : static_cast<uint16_t>(bits == 8 ? 255 : 65535))
                               : static_cast<uint16_t>((i * i / 7 + i) % 250));
  return png_file(file);
}

FileBytes joined(const FileBytes& a, const FileBytes& b, size_t zeros = 0) {
  FileBytes both = a;
  both.resize(a.size() + zeros);
  put(both, b);
  return both;
}

// Names so many pictures in a segment APP2, as multi-picture JPEGs do (CIPA DC-007).
FileBytes multi_picture(const FileBytes& file, uint64_t pictures, bool high_first) {
  FileBytes content, segment;
  const auto number = [&](uint64_t value, size_t size) { put_number(content, value, size, high_first); };
  put(content, {"MPF\0", 4});
  put(content, high_first ? std::string_view("MM\0*", 4) : std::string_view("II*\0", 4));
  number(8, 4);
  number(2, 2);
  for (const uint64_t value : {0xb000, 7}) number(value, 2);  // the version
  number(4, 4);
  put(content, "0100");
  for (const uint64_t value : {0xb001, 4}) number(value, 2);
  for (const uint64_t value : {uint64_t{1}, pictures, uint64_t{0}}) number(value, 4);
  put(segment, "\xff\xe2");
  put_number(segment, content.size() + 2, 2);
  put(segment, content);
  return with_inside(file, 2, segment);
}

FileBytes animated(uint64_t frames) {
  FileBytes content;
  put_number(content, frames, 4);
  put_number(content, 0, 4);
  return with_inside(png(), 33, png_chunk("acTL", content));
}

}  // namespace

TEST_CASE("a file that holds several pictures is told, by what it says and by what follows its first",
          "[issues][pictures]") {
  CHECK(pictures_in(jpeg(1)) == 1);
  CHECK(pictures_in(png()) == 1);
  for (const bool high_first : {false, true}) {
    CHECK(pictures_in(multi_picture(jpeg(1), 3, high_first)) == 3);
    CHECK(pictures_in(multi_picture(jpeg(1), 1, high_first)) == 1);
  }
  CHECK(pictures_in(joined(jpeg(1), jpeg(2))) == 2);
  CHECK(pictures_in(joined(jpeg(1), joined(jpeg(2), jpeg(3)), 13)) == 3);
  CHECK(pictures_in(joined(multi_picture(jpeg(1), 2, true), jpeg(2))) == 2);
  CHECK(pictures_in(animated(7)) == 7);
  CHECK(pictures_in(animated(1)) == 1);
  CHECK(pictures_in(joined(png(), png())) == 2);
  // A preview within its Exif is no picture of its own.
  CHECK(pictures_in(with_exif_segment(jpeg(1), joined(tiff_block({}), jpeg(2)))) == 1);
  CHECK(pictures_in({}) == 1);
  const FileBytes whole = joined(multi_picture(jpeg(1), 2, true), jpeg(2));
  for (size_t size = 0; size < whole.size(); ++size) CHECK(pictures_in(Bytes(whole).first(size)) <= 2);
}

TEST_CASE("that only the first of several pictures counts is said once, with how many files and the first",
          "[issues][pictures]") {
  const TemporaryFolder folder;
  Notes notes;
  Settings s = starting_settings("fast", "gaussian");
  s.image_size = 64;
  s.grid = 4;
  Model model("fast", "gaussian", s, Backbone::embedded());
  const FeatureCache cache(folder / "cache", model.extractor());
  std::vector<std::string> files;
  for (int i = 0; i < 5; ++i) {
    files.push_back((folder / (std::to_string(i) + ".jpg")).string());
    write_file(files.back(), i < 2 ? jpeg(i) : multi_picture(jpeg(i), 2, true));
  }
  model.learn({{"part", files}}, cache, {.progress = notes.progress()});
  REQUIRE(notes.notes.size() == 1);
  CHECK_THAT(notes.notes[0], Contains("part: files that hold several pictures, of which only the first counts") &&
                                 Contains(": 3, first ") && Contains("2.jpg"));
  notes.notes.clear();
  make_folder(folder / "in");
  write_file(folder / "in/a.jpg", jpeg(9));
  write_file(folder / "in/b.png", animated(4));
  write_file(folder / "in/c.jpg", joined(jpeg(3), jpeg(4)));
  predict(model, {.inputs = {folder / "in"}, .out = folder / "out", .heatmaps = Heatmaps::none}, {}, notes.progress());
  REQUIRE(notes.notes.size() == 2);
  CHECK_THAT(notes.notes[0], Contains("several pictures") && Contains(": 2, first ") && Contains("b.png"));
  CHECK_THAT(notes.notes[1], Contains("was learned from") && Contains("c.jpg"));  // the first of its pictures
}

TEST_CASE("transparent places are told, and their colours stay", "[issues][pictures]") {
  for (const int bits : {8, 16})
    for (const uint32_t channels : {2U, 4U}) {
      const FileBytes file = png(channels, bits, 3);
      const Photograph photograph = decode_photograph(file, "clear", {});
      CHECK(photograph.facts.transparent == Approx(1.0 / 9).margin(0.001));
      CHECK(photograph.image.pixels == decode_image(file, "clear").pixels);
      CHECK(decode_photograph(png(channels, bits, bits == 8 ? 255 : 65535), "opaque", {}).facts.transparent == 0);
    }
  CHECK(decode_photograph(png(), "colours", {}).facts.transparent == 0);
}
