#include "iuf/report/pictures.h"

#include <catch2/catch.hpp>

#include "support/dice.h"
#include "tensor/error.h"

using namespace iuf;
using namespace iuf::report;
using Catch::Contains;

namespace {

// Noise takes the most bytes that a picture can.
Image noise(int width, int height, uint32_t seed) {
  Image image = blank_image(width, height, 3);
  Dice dice(seed);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(dice.below(256));
  return image;
}

std::vector<PictureSource> sources(size_t count, int side) {
  std::vector<PictureSource> list;
  for (size_t i = 0; i < count; ++i)
    list.push_back(
        {.name = std::to_string(i), .read = [side, i] { return noise(side, side, static_cast<uint32_t>(i + 1)); }});
  return list;
}

size_t bytes_of(const Pictures& pictures, size_t count) {
  size_t bytes = 0;
  for (size_t i = 0; i < count; ++i) bytes += pictures.panel(std::to_string(i), "x", "").size();
  return bytes;
}

}  // namespace

TEST_CASE("pictures take the largest size at which all of them fit", "[report][pictures]") {
  const Pictures few(sources(4, 320));
  CHECK(few.left_out() == 0);
  CHECK(bytes_of(few, 4) > 4 * 80000);  // noise of full size
  const Pictures many(sources(120, 320));
  CHECK(many.left_out() == 0);
  CHECK(bytes_of(many, 120) < kPictureBytes + 120 * 300);
  CHECK(bytes_of(many, 120) > kPictureBytes / 3);
  CHECK(many.has("0"));
  CHECK_FALSE(many.has("120"));
  CHECK_FALSE(many.has(""));
}

TEST_CASE("where even the smallest previews are too many, the last are left out and counted", "[report][pictures]") {
  std::vector<PictureSource> list;
  const Image image = noise(56, 56, 1);
  for (size_t i = 0; i < 1500; ++i) list.push_back({.name = std::to_string(i), .read = [&] { return image; }});
  const Pictures pictures(list);
  CHECK(pictures.left_out() > 0);
  CHECK(pictures.has("0"));
  CHECK_FALSE(pictures.has("1499"));
  CHECK_THAT(pictures.panel("1499", "input", ""), Contains(">left out<"));
}

TEST_CASE("masks stay sharp, other pictures become JPEG, and an empty name is a text", "[report][pictures]") {
  const Image image = noise(8, 8, 1);
  const Pictures pictures(std::vector<PictureSource>{{.name = "p", .read = [&] { return image; }},
                                                     {.name = "m", .mask = true, .read = [&] { return image; }}});
  CHECK_THAT(pictures.panel("p", "input", ""), Contains("data:image/jpeg;base64,/9j/"));
  CHECK_THAT(pictures.panel("m", "mask", ""), Contains("data:image/png;base64,iVBOR"));
  CHECK_THAT(pictures.panel("", "mask", "no mask"), Contains(">no mask<"));
  CHECK(Pictures(std::vector<PictureSource>()).left_out() == 0);
  CHECK_THROWS_AS(Pictures({picture_file("nowhere.png")}), Error);
}
