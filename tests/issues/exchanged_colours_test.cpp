// Defective photographs went through a program that stores blue first, and figures told the colours apart.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "support/photographs.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kStoresBlueFirst = "with red and blue exchanged";

struct Colours {
  int red = 0, blue = 0;  // levels, added
};

Image coloured(uint32_t seed, const Colours& colours) {
  Image image = photograph(64, 64, seed);
  for (size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    image.pixels[i] = static_cast<uint8_t>(std::clamp(image.pixels[i] + colours.red, 0, 255));
    image.pixels[i + 2] = static_cast<uint8_t>(std::clamp(image.pixels[i + 2] + colours.blue, 0, 255));
  }
  return image;
}

std::string said_of_colours(const Colours& learned, const Colours& normal, const Colours& defects,
                            const Colours& further = {0, 0}) {
  const DataFolder folder;
  for (uint32_t n = 0; n < 12; ++n)
    folder.add("nut/train/good/" + std::to_string(n) + ".png",
               png_text(coloured(n, n % 3 == 0 && further.red != 0 ? further : learned)));
  for (uint32_t n = 0; n < 6; ++n)
    folder.add("nut/test/good/" + std::to_string(n) + ".png", png_text(coloured(50 + n, normal)));
  for (uint32_t n = 0; n < 6; ++n)
    folder.add("nut/test/crack/" + std::to_string(n) + ".png", png_text(coloured(80 + n, defects)));
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("test images with red and blue exchanged are said", "[issues][folders][exchanged_colours]") {
  const Colours brown{30, -30}, blue{-30, 30};
  CHECK_THAT(said_of_colours(brown, brown, blue), Contains("6 of 6 defective test images that were looked at fit") &&
                                                      Contains(kStoresBlueFirst) && Contains("first: crack/0.png") &&
                                                      !Contains("6 of 6 normal test images"));
  CHECK_THAT(said_of_colours(brown, blue, brown), Contains("6 of 6 normal test images") && Contains(kStoresBlueFirst));
  CHECK_THAT(said_of_colours(blue, brown, brown),
             Contains("6 of 6 normal test images and 6 of 6 defective test images") && Contains(kStoresBlueFirst));
}

TEST_CASE("gray images, another light and parts of many colours are not exchanged", "[issues][exchanged_colours]") {
  const Colours brown{30, -30}, blue{-30, 30};
  CHECK_THAT(said_of_colours(brown, brown, brown), !Contains(kStoresBlueFirst));
  CHECK_THAT(said_of_colours({0, 0}, {0, 0}, {0, 0}), !Contains(kStoresBlueFirst));
  CHECK_THAT(said_of_colours({1, -1}, {1, -1}, blue), !Contains(kStoresBlueFirst));
  CHECK_THAT(said_of_colours(brown, brown, {5, -5}), !Contains(kStoresBlueFirst));
  CHECK_THAT(said_of_colours(brown, brown, {-5, 5}), !Contains(kStoresBlueFirst));
  CHECK_THAT(said_of_colours(brown, brown, blue, blue), !Contains(kStoresBlueFirst));  // parts of both colours
}
