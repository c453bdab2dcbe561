// Defects that were saved anew, with another JPEG quality or other notes in the file, were told by that.
#include <catch2/catch.hpp>
#include <functional>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/image/file_habits.h"
#include "support/data_folder.h"
#include "support/jpeg_file.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kSavedAnew = "if one label was saved anew";

// A gradient under noise.
Image photograph(uint32_t seed) {
  Image image = blank_image(32, 32, 3);
  Dice dice(seed);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(40 + i / 20 + dice.below(30));
  return image;
}

std::string jpeg(uint32_t seed, int quality) {
  return text_of(jpeg_file(photograph(seed), quality));
}

std::string png(uint32_t seed, const std::string& chunk, size_t size) {
  const std::vector<std::byte> file = encode_png(photograph(seed));
  return text_of(chunk.empty() ? file : with_inside(file, 33, png_chunk(chunk, FileBytes(size, std::byte{1}))));
}

template <class File>
std::string said_of_copies(const File& normal, const File& defective, const std::string& ending) {
  const DataFolder folder;
  for (uint32_t i = 0; i < 6; ++i) {
    const std::string name = std::to_string(i) + ending;
    folder.add("nut/train/good/" + name, normal(i));
    folder.add("nut/test/good/" + name, normal(10 + i));
    folder.add("nut/test/dent/" + name, defective(20 + i));
  }
  return description(read_dataset(folder / "nut"), "nut");
}

using File = std::function<std::string(uint32_t)>;

}  // namespace

TEST_CASE("defects saved with another JPEG quality are said", "[issues][folders][saved_anew]") {
  const auto of = [](int quality) { return File([quality](uint32_t i) { return jpeg(i, quality); }); };
  CHECK_THAT(said_of_copies(of(95), of(12), ".jpg"),
             Contains("the quality of their JPEGs (about 95 and 12 of 100)") && Contains(kSavedAnew));
  CHECK_THAT(said_of_copies(of(75), of(95), ".jpg"), Contains("about 75 and 95"));
  CHECK_THAT(said_of_copies(of(90), of(90), ".jpg"), !Contains(kSavedAnew));
  CHECK_THAT(said_of_copies(of(90), of(85), ".jpg"), !Contains(kSavedAnew));
  // A camera that keeps to a size in bytes.
  const auto varied = File([](uint32_t i) { return jpeg(i, 50 + static_cast<int>(i * 37 % 45)); });
  CHECK_THAT(said_of_copies(varied, varied, ".jpg"), !Contains(kSavedAnew));
}

TEST_CASE("defects whose files note other things are said", "[issues][folders][saved_anew]") {
  const auto plain = File([](uint32_t i) { return png(i, "", 0); }),
             gamma = File([](uint32_t i) { return png(i, "gAMA", 4); }),
             profile = File([](uint32_t i) { return png(i, "iCCP", 60); }),
             some = File([](uint32_t i) { return i % 3 == 0 ? png(i, "gAMA", 4) : png(i, "", 0); });
  CHECK_THAT(said_of_copies(plain, gamma, ".png"),
             Contains("what their files note (none and gamma)") && Contains(kSavedAnew));
  CHECK_THAT(said_of_copies(profile, plain, ".png"), Contains("(colour profile and none)"));
  CHECK_THAT(said_of_copies(gamma, gamma, ".png"), !Contains(kSavedAnew));
  CHECK_THAT(said_of_copies(plain, some, ".png"), !Contains(kSavedAnew));
}

TEST_CASE("the quality of a JPEG is that which libjpeg was told", "[issues][folders][saved_anew]") {
  const TemporaryFolder folder;
  for (const int quality : {10, 30, 50, 75, 90, 98}) {
    write_file(folder / "a.jpg", jpeg_file(photograph(1), quality));
    const FileHabits habits = habits_of(folder / "a.jpg");
    REQUIRE(habits.jpeg_quality);
    CHECK(*habits.jpeg_quality == Approx(quality).margin(2.5));
    CHECK(habits.extras == "none");
  }
  write_file(folder / "a.jpg", with_exif_segment(jpeg_file(photograph(1)), tiff_block({})));
  CHECK(habits_of(folder / "a.jpg").extras == "Exif");
  const FileBytes whole = jpeg_file(photograph(1));
  for (size_t size = 0; size < whole.size(); size += 7) {  // never more than what is there
    write_file(folder / "a.jpg", std::span(whole).first(size));
    CHECK_NOTHROW(habits_of(folder / "a.jpg"));
  }
  CHECK(habits_of(folder / "none.jpg").extras.empty());
}
