// A camera delivered frames whose lower half was still that of the frame before: defects there had passed already.
#include <catch2/catch.hpp>
#include <filesystem>

#include "iuf/checks/description.h"
#include "iuf/checks/frozen_frames.h"
#include "iuf/data/dataset.h"
#include "iuf/live/watch.h"
#include "iuf/run/prediction.h"
#include "support/data_folder.h"
#include "support/notes.h"
#include "support/occurrences.h"
#include "support/photographs.h"
#include "support/small_model.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kHalfAFrame = "delivers half a frame?";
constexpr int kFrame = 96;

enum class Rest { below, above, right, left };

// Every second of 12 frames has a part of the one before, a third of it or more.
std::vector<Image> frames(bool torn, Rest rest = Rest::below, uint32_t noise = 14) {
  std::vector<Image> all;
  for (uint32_t n = 0; n < 12; ++n) {
    Image image = photograph(kFrame, kFrame, 7 + n, noise);
    const int part = 35 + static_cast<int>(n), begin = kFrame - part;
    if (torn && n % 2 == 1) {
      const Image& before = all.back();
      if (rest == Rest::below) image = with_part(image, before, 0, begin, kFrame, part);
      if (rest == Rest::above) image = with_part(image, before, 0, 0, kFrame, part);
      if (rest == Rest::right) image = with_part(image, before, begin, 0, part, kFrame);
      if (rest == Rest::left) image = with_part(image, before, 0, 0, part, kFrame);
    }
    all.push_back(image);
  }
  return all;
}

std::string numbered(size_t n) {
  return (n < 10 ? "0" : "") + std::to_string(n) + ".png";
}

std::string said_of_training(const std::vector<Image>& images) {
  const DataFolder folder;
  for (size_t n = 0; n < images.size(); ++n) folder.add("nut/train/good/" + numbered(n), png_text(images[n]));
  return description(read_dataset(folder / "nut"), "nut");
}

std::string predicted(const std::vector<Image>& images) {
  const SmallModel small("gaussian");
  const std::filesystem::path folder = small.folder.path() / "line";
  std::filesystem::create_directory(folder);
  for (size_t n = 0; n < images.size(); ++n) write_png(folder / numbered(n), images[n]);
  Notes notes;
  predict(*small.model, {.inputs = {folder}, .out = small.folder.path() / "out", .heatmaps = Heatmaps::none}, {},
          notes.progress());
  std::string all;
  for (const std::string& note : notes.notes) all += note + "\n";
  return all;
}

// What is the same in all: a fixture with structure, without any noise.
std::vector<Image> before_a_fixture() {
  const Image fixture = photograph(kFrame, kFrame, 99);
  std::vector<Image> images = frames(false, Rest::below, 0);
  for (Image& image : images) image = with_part(image, fixture, 0, 60, kFrame, 36);
  return images;
}

}  // namespace

TEST_CASE("torn frames among training images are said", "[issues][folders][torn_frames]") {
  for (const Rest rest : {Rest::below, Rest::above, Rest::right, Rest::left})
    CHECK_THAT(said_of_training(frames(true, rest)), Contains("a part of 6 of 12 images to learn from") &&
                                                         Contains(kHalfAFrame) &&
                                                         Contains("first: good/01.png and good/00.png"));
}

TEST_CASE("torn frames: predict tells them", "[issues][torn_frames]") {
  CHECK_THAT(predicted(frames(true)), Contains("a part of 6 of 12 images is exactly") && Contains(kHalfAFrame));
}

TEST_CASE("torn frames: watch tells them once", "[issues][torn_frames]") {
  const SmallModel small("gaussian");
  small.model->save(small.folder.path() / "model.safetensors");
  const std::filesystem::path folder = small.folder.path() / "line";
  std::filesystem::create_directory(folder);
  const std::vector<Image> images = frames(true);
  for (size_t n = 0; n < images.size(); ++n) write_png(folder / numbered(n), images[n]);
  Notes notes;
  watch({.model = small.folder.path() / "model.safetensors",
         .folder = folder,
         .out = small.folder.path() / "out",
         .heatmaps = WatchHeatmaps::none,
         .settle = std::chrono::milliseconds(0),
         .once = true},
        {.progress = notes.progress()});
  std::string all;
  for (const std::string& note : notes.notes) all += note + "\n";
  CHECK(occurrences(all, kHalfAFrame) == 1);
}

TEST_CASE("whole frames, fixtures and empty backgrounds are no torn frames", "[issues][torn_frames]") {
  CHECK_THAT(said_of_training(frames(false)), !Contains(kHalfAFrame));
  CHECK_THAT(said_of_training(before_a_fixture()), !Contains(kHalfAFrame));
  CHECK_THAT(predicted(before_a_fixture()), !Contains(kHalfAFrame));
  std::vector<Image> padded = frames(false);
  for (Image& image : padded) image = with_part(image, blank_image(kFrame, kFrame, 3), 0, 50, kFrame, 46);
  CHECK_THAT(said_of_training(padded), !Contains(kHalfAFrame));
  // The same photograph with a mark at one side.
  std::vector<Image> marked = frames(false);
  for (size_t n = 1; n < marked.size(); n += 2)
    marked[n] = with_part(marked[n - 1], blank_image(kFrame, kFrame, 3), 0, 0, 30, 40);
  CHECK_THAT(said_of_training(marked), !Contains(kHalfAFrame));
}
