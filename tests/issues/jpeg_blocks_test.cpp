// Rejects were compressed strongly on their way and saved as PNG again: figures told JPEG's blocks apart.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "support/jpeg_file.h"
#include "support/photographs.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kBlocks = "the blocks of a strongly compressed JPEG";

// Quality 0: never compressed.
std::string sent(uint32_t seed, int quality, bool as_jpeg) {
  Image image = photograph(96, 96, seed, 6);
  if (quality > 0) image = decode_image(jpeg_file(image, quality), "sent");
  if (!as_jpeg) return png_text(image);
  return text_of(jpeg_file(image, 95));
}

std::string said_of_blocks(int learned, int normal, int defects, bool as_jpeg = false) {
  const DataFolder folder;
  const std::string ending = as_jpeg ? ".jpg" : ".png";
  for (uint32_t n = 0; n < 8; ++n)
    folder.add("nut/train/good/" + std::to_string(n) + ending, sent(n, learned, as_jpeg));
  for (uint32_t n = 0; n < 6; ++n) {
    folder.add("nut/test/good/" + std::to_string(n) + ending, sent(50 + n, normal, as_jpeg));
    folder.add("nut/test/crack/" + std::to_string(n) + ending, sent(80 + n, defects, as_jpeg));
  }
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("one label that was compressed strongly before it was saved is said", "[issues][folders][jpeg_blocks]") {
  for (const bool as_jpeg : {false, true}) {
    CHECK_THAT(said_of_blocks(0, 0, 35, as_jpeg),
               Contains("6 of 6 defective test images that were looked at have the blocks") && Contains(kBlocks) &&
                   Contains("and normal ones hardly any (first: crack/0."));
    CHECK_THAT(said_of_blocks(0, 35, 0, as_jpeg), Contains("6 of 6 normal test images") && Contains(kBlocks));
    CHECK_THAT(said_of_blocks(35, 35, 0, as_jpeg), Contains("6 of 6 normal test images") && Contains(kBlocks));
  }
}

TEST_CASE("labels that are alike have no blocks of their own", "[issues][folders][jpeg_blocks]") {
  CHECK_THAT(said_of_blocks(0, 0, 0), !Contains(kBlocks));
  CHECK_THAT(said_of_blocks(35, 35, 35), !Contains(kBlocks));
  CHECK_THAT(said_of_blocks(0, 0, 95), !Contains(kBlocks));
}
