// Where normal and defective test images are told apart by their size or format, figures may tell the cameras apart.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "nn/file.h"
#include "support/data_folder.h"
#include "support/jpeg_file.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kTwoCameras = "normal and defective test images differ in ";

struct Kind {
  int width = 128, height = 128;
  bool jpeg = false;
  bool palette = false;
  bool colour = false;
  int growth = 0;  // pixels of width from image to image
};

// One with a palette is so by its header alone, which is all that is read.
std::vector<std::byte> png_file(int width, const Kind& kind) {
  std::vector<std::byte> png = encode_png(blank_image(width, kind.height, kind.colour ? 3 : 1));
  if (kind.palette) png[25] = std::byte{3};
  return png;
}

void add(const DataFolder& folder, const std::string& place, int count, const Kind& kind) {
  make_folder(folder / place);
  for (int i = 0; i < count; ++i) {
    const int width = kind.width + i * kind.growth;
    const std::string file = place + "/" + std::to_string(i);
    const auto value = [&](int x, int y) { return (x * y + i) % 255; };
    if (kind.jpeg)
      write_file(folder / (file + ".jpg"), jpeg_file(width, kind.height, value));
    else
      write_file(folder / (file + ".png"), png_file(width, kind));
  }
}

std::string said_of_cameras(const Kind& normal, const Kind& defective, int others = 0) {
  const DataFolder folder;
  add(folder, "gear/train/good", 3, normal);
  add(folder, "gear/test/good", 10, normal);
  add(folder, "gear/test/crack", 10, defective);
  add(folder, "gear/test/dent", others, normal);
  const std::string text = description(read_dataset(folder.path()), "gear");
  const size_t at = text.find(kTwoCameras);
  return at == std::string::npos ? "" : text.substr(at);
}

}  // namespace

TEST_CASE("other sizes and formats of defective images are said", "[issues][folders]") {
  const Kind usual;
  CHECK(said_of_cameras(usual, usual).empty());
  CHECK_THAT(
      said_of_cameras(usual, {.width = 200, .height = 150, .jpeg = true}),
      Contains(
          "size (128 x 128 and 200 x 150) and format (PNG gray and JPEG gray): figures may tell the cameras apart"));
  CHECK_THAT(said_of_cameras(usual, {.jpeg = true}), Contains("in format (PNG gray and JPEG gray)"));
  CHECK_THAT(said_of_cameras(usual, {.width = 64, .height = 64}), Contains("in size (128 x 128 and 64 x 64)"));
  CHECK_THAT(said_of_cameras(usual, {.width = 64, .height = 64}, 1), Contains("in size (128 x 128 and 64 x 64, ...)"));
}

TEST_CASE("a palette is another format than colours and gray", "[issues][folders]") {
  CHECK_THAT(said_of_cameras({.colour = true}, {.palette = true}), Contains("in format (PNG and PNG palette)"));
  CHECK_THAT(said_of_cameras({.palette = true}, {.colour = true}), Contains("in format (PNG palette and PNG)"));
  CHECK_THAT(said_of_cameras({.palette = true}, {}), Contains("in format (PNG palette and PNG gray)"));
  CHECK(said_of_cameras({.palette = true}, {.palette = true}).empty());
}

TEST_CASE("sizes that mix, vary or are turned are not worth a word", "[issues][folders]") {
  CHECK(said_of_cameras({}, {.width = 200, .height = 150, .jpeg = true}, 5)
            .empty());                                                         // some defects are like the normal ones
  CHECK(said_of_cameras({.growth = 1}, {.width = 160, .growth = 1}).empty());  // crops
  CHECK_FALSE(said_of_cameras({.growth = 1}, {.width = 160, .jpeg = true, .growth = 1}).empty());  // of another format
  CHECK(said_of_cameras({.width = 160, .height = 120}, {.width = 120, .height = 160}).empty());
  const DataFolder folder;
  add(folder, "gear/good", 5, {});
  add(folder, "gear/crack", 5, {.width = 64, .jpeg = true});
  CHECK_THAT(description(read_dataset(folder / "gear"), "gear"), !Contains(kTwoCameras));  // nothing is compared
}
