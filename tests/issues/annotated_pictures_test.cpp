// Figures measured the boxes that an inspection machine had drawn into the pictures of defects.
#include <array>
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/checks/drawn_marks.h"
#include "support/data_folder.h"
#include "support/jpeg_file.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

using Rgb = std::array<uint8_t, 3>;

constexpr Rgb kRed{255, 0, 0};

enum class Surface { gray, coloured };

// A surface with noise.
Image surface(uint32_t seed, Surface kind = Surface::gray) {
  Image image = blank_image(96, 64, 3);
  Dice dice(seed);
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    const auto noise = static_cast<uint8_t>(dice.below(30));
    for (size_t c = 0; c < 3; ++c) image.pixels[i + c] = static_cast<uint8_t>(100 + noise);
    if (kind == Surface::coloured) image.pixels[i] = static_cast<uint8_t>(210 + dice.below(40));
    if (kind == Surface::coloured) image.pixels[i + 2] = static_cast<uint8_t>(20 + dice.below(60));
  }
  return image;
}

void set(Image& image, int x, int y, const Rgb& colour) {
  std::copy(colour.begin(), colour.end(), image.row(y) + 3 * x);
}

Image with_box(Image image, const Rgb& colour, int width = 2) {
  for (int y = 15; y < 45; ++y)
    for (int x = 20; x < 70; ++x)
      if (x < 20 + width || y < 15 + width || x >= 70 - width || y >= 45 - width) set(image, x, y, colour);
  return image;
}

Image with_text(Image image, const Rgb& colour) {
  for (int letter = 0; letter < 6; ++letter)
    for (int y = 4; y < 12; ++y) set(image, 5 + 6 * letter, y, colour), set(image, 5 + 6 * letter + y % 4, y, colour);
  return image;
}

std::string png(const Image& image) {
  const std::vector<std::byte> bytes = encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string jpeg(const Image& image, int quality) {
  const FileBytes bytes = jpeg_file(image, quality);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Counts {
  int train = 0, normal = 0, defects = 0;  // with marks, of 8 each
};

template <class Mark>
std::string said_of_marks(const Counts& counts, const Mark& mark, Surface kind = Surface::gray) {
  const DataFolder folder;
  uint32_t seed = 1;
  const auto add = [&](const std::string& place, int marked) {
    for (int i = 0; i < 8; ++i) {
      const Image image = surface(seed++, kind);
      folder.add("nut/" + place + "/" + std::to_string(i) + ".png", png(i < marked ? mark(image) : image));
    }
  };
  add("train/good", counts.train);
  add("test/good", counts.normal);
  add("test/scratch", counts.defects);
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("marks of one colour in defective images alone", "[issues][annotated]") {
  const Rgb colour = GENERATE(Rgb{255, 0, 0}, Rgb{0, 255, 0}, Rgb{255, 255, 0}, Rgb{0, 255, 255}, Rgb{230, 30, 60});
  const int width = GENERATE(1, 2, 3);
  const auto box = [&](const Image& image) { return with_box(image, colour, width); };
  CHECK_THAT(said_of_marks({.defects = 8}, box), Contains("8 of 8 defective test images hold pixels of") &&
                                                     Contains("images to learn from and normal test images have not") &&
                                                     Contains("scratch/0.png") && Contains("drawn in"));
  CHECK_THAT(said_of_marks({.defects = 3}, box), Contains("3 of 8 defective test images hold"));
  const auto text = [&](const Image& image) { return with_text(image, colour); };
  CHECK_THAT(said_of_marks({.defects = 8}, text), Contains("8 of 8 defective test images hold pixels of"));
}

TEST_CASE("pure colours on a coloured product", "[issues][annotated]") {
  const auto box = [](const Image& image) { return with_box(image, kRed); };
  CHECK_THAT(said_of_marks({.defects = 8}, box, Surface::coloured), Contains("pixels of pure red (255,0,0)"));
  const auto green = [](const Image& image) { return with_text(image, {0, 255, 0}); };
  CHECK_THAT(said_of_marks({.normal = 8}, green, Surface::coloured),
             Contains("8 of 8 normal test images hold pixels of pure green (0,255,0)"));
}

TEST_CASE("marks in a few images of each use", "[issues][annotated]") {
  const auto box = [](const Image& image) { return with_box(image, kRed); };
  CHECK_THAT(said_of_marks({.train = 2}, box), Contains("2 of 8 images to learn from hold"));
  CHECK_THAT(said_of_marks({.train = 1, .normal = 1, .defects = 2}, box), Contains("which the others have not"));
}

TEST_CASE("what is no mark drawn in", "[issues][annotated]") {
  const auto none = [](const Image& image) { return image; };
  CHECK_THAT(said_of_marks({}, none), !Contains("drawn in"));
  CHECK_THAT(said_of_marks({}, none, Surface::coloured), !Contains("drawn in"));
  const auto box = [](const Image& image) { return with_box(image, kRed); };
  CHECK_THAT(said_of_marks({8, 8, 8}, box), !Contains("drawn in"));  // all have it
  const auto stain = [](Image image) {                               // a spot of many reds
    Dice dice(7);
    for (int y = 20; y < 40; ++y)
      for (int x = 30; x < 50; ++x)
        set(image, x, y, {static_cast<uint8_t>(200 + dice.below(40)), static_cast<uint8_t>(dice.below(40)), 30});
    return image;
  };
  CHECK_THAT(said_of_marks({.defects = 8}, stain), !Contains("drawn in"));
  const auto area = [](Image image) {  // overexposed
    for (int y = 20; y < 44; ++y)
      for (int x = 30; x < 60; ++x) set(image, x, y, kRed);
    return image;
  };
  CHECK_THAT(said_of_marks({.defects = 8}, area), !Contains("drawn in"));
}

TEST_CASE("marks blurred by JPEG", "[issues][annotated]") {
  const int quality = GENERATE(75, 92);
  const Rgb colour = GENERATE(Rgb{255, 0, 0}, Rgb{0, 255, 0}, Rgb{255, 255, 0});
  INFO(quality);
  const DataFolder folder;
  uint32_t seed = 1;
  for (const std::string place : {"train/good/", "test/good/", "test/scratch/"})
    for (int i = 0; i < 8; ++i) {
      const Image image = surface(seed++);
      const bool marked = place == "test/scratch/" && i < 7;
      folder.add("nut/" + place + std::to_string(i) + ".jpg", jpeg(marked ? with_box(image, colour) : image, quality));
    }
  CHECK_THAT(description(read_dataset(folder / "nut"), "nut"),
             Contains("7 of 8 defective test images hold pixels of") && Contains("drawn in"));
}

TEST_CASE("marks of one picture", "[issues][annotated]") {
  CHECK(drawn_colour(vivid_hues(surface(1))).empty());
  CHECK(drawn_colour(vivid_hues(surface(1, Surface::coloured))).empty());
  CHECK(drawn_colour(vivid_hues(with_box(surface(1), kRed))) == "pure red (255,0,0)");
}
