#include "iuf/checks/frozen_frames.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "iuf/image/image.h"
#include "iuf/run/prediction.h"
#include "support/dice.h"
#include "support/notes.h"
#include "support/small_model.h"

// A camera froze while the clock drawn into its picture ran on, and no image was a copy of another.
namespace iuf {
namespace {

Image noisy(const Image& frame, uint32_t seed) {
  Image image = frame;
  Dice dice(seed);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(std::clamp<int>(value + dice.below(5) - 2, 0, 255));
  return image;
}

Image with_clock(const Image& frame, uint32_t seed) {
  Image image = frame;
  Dice dice(seed);
  for (int y = 2; y < 10; ++y)
    for (int x = 2; x < 30; ++x)
      for (int c = 0; c < 3; ++c)
        image.pixels[static_cast<size_t>((y * image.width + x) * 3 + c)] = static_cast<uint8_t>(dice.below(256));
  return image;
}

TEST_CASE("frozen frames: a clock that runs on hides nothing") {
  SmallModel small("gaussian");
  const Image frame = read_image(small.images("gear").front());
  CHECK(is_same_frame(frame_tiles(with_clock(frame, 1)), frame_tiles(with_clock(frame, 2))));
  CHECK_FALSE(is_same_frame(frame_tiles(noisy(frame, 1)), frame_tiles(noisy(frame, 2))));
}

TEST_CASE("frozen frames: an empty background is no frame") {
  Image white{.width = 96, .height = 96, .pixels = std::vector<uint8_t>(96 * 96 * 3, 255)};
  CHECK_FALSE(is_same_frame(frame_tiles(white), frame_tiles(with_clock(white, 1))));
}

TEST_CASE("frozen frames: predict tells them") {
  SmallModel small("gaussian");
  const Image frame = read_image(small.images("gear").front());
  const std::filesystem::path folder = small.folder.path() / "live";
  std::filesystem::create_directory(folder);
  for (uint32_t n = 0; n < 3; ++n) write_png(folder / ("a" + std::to_string(n) + ".png"), noisy(frame, n));
  for (uint32_t n = 0; n < 4; ++n) write_png(folder / ("b" + std::to_string(n) + ".png"), with_clock(frame, n));
  Notes notes;
  predict(*small.model, {.inputs = {folder}, .out = small.folder.path() / "out", .heatmaps = Heatmaps::none}, {},
          notes.progress());
  const auto told = std::ranges::find_if(notes.notes, [](const std::string& note) {
    return note.find("3 of 7 images are exactly the one before but for a small part") != std::string::npos;
  });
  CHECK(told != notes.notes.end());
}

}  // namespace
}  // namespace iuf
