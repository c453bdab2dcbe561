// Frames of one part by a still camera passed for images of many parts.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "support/jpeg_file.h"
#include "support/picture_files.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kStillCamera = "differ from another one to learn from by no more than noise";

enum class Format { png, jpeg };

// A part with an edge and a gradient, `moved` to the right, under sensor noise.
struct Frame {
  double moved = 0, noise = 2, light = 0;
  int size = 128;
};

std::string picture_of(const Frame& frame, Dice& dice, Format format = Format::png) {
  Image image = blank_image(frame.size, frame.size, 1);
  const auto unit = [&] { return static_cast<double>(dice.below(1000)) / 1000 - 0.5; };
  const auto size = static_cast<double>(frame.size);
  for (int y = 0; y < frame.size; ++y)
    for (int x = 0; x < frame.size; ++x) {
      const double far = std::hypot(x - size / 2 - frame.moved, y - size / 2);
      const double noise = (unit() + unit() + unit() + unit()) * std::sqrt(3.0) * frame.noise;
      const double value = (far < size / 3 ? 60 : 150) + 40.0 * y / size + frame.light + noise;
      image.row(y)[x] = static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
    }
  return text_of(format == Format::png ? encode_png(image) : jpeg_file(frame.size, frame.size, [&](int x, int y) {
    return image.row(y)[x];
  }));
}

struct Frames {
  std::string place = {};
  int count = 0;
  double step = 0;  // pixels that the part lies further right in each
  double from = 0;
  Frame like = {};
};

std::string said_of_frames(const std::vector<Frames>& all, Format format = Format::png) {
  const DataFolder folder;
  Dice dice(5);
  for (const Frames& frames : all)
    for (int i = 0; i < frames.count; ++i) {
      Frame frame = frames.like;
      frame.moved = frames.from + i * frames.step;
      frame.light = i % 3;
      folder.add("nut/" + frames.place + "/" + std::to_string(i) + (format == Format::png ? ".png" : ".jpg"),
                 picture_of(frame, dice, format));
    }
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("frames of one part that differ by noise are said", "[issues][folders][still_camera]") {
  const Frame like = GENERATE(Frame{}, Frame{.noise = 0.7}, Frame{.noise = 6}, Frame{.size = 300});
  const Format format = GENERATE(Format::png, Format::jpeg);
  INFO(like.noise << " " << like.size);
  CHECK_THAT(said_of_frames({{.place = "train/good", .count = 14, .like = like}}, format),
             Contains("14 of 14 images to learn from that were looked at") && Contains(kStillCamera));
}

TEST_CASE("normal test images that are frames of learned parts are said", "[issues][folders][still_camera]") {
  const std::string text = said_of_frames({{.place = "train/good", .count = 8, .step = 3},
                                           {.place = "test/good", .count = 4, .step = 3},
                                           {.place = "test/crack", .count = 4}});
  CHECK_THAT(text, Contains("4 of 4 normal test images that were looked at") && !Contains("images to learn from that"));
}

TEST_CASE("test images that are frames of a few parts are said", "[issues][folders][still_camera]") {
  CHECK_THAT(said_of_frames({{.place = "train/good", .count = 8, .step = 3},
                             {.place = "test/good", .count = 6, .from = 40},
                             {.place = "test/crack", .count = 5, .from = 60}}),
             Contains("6 of 6 normal test images and 5 of 5 defective test images that were looked at differ from "
                      "another one of these"));
}

TEST_CASE("images of different parts are not frames of one", "[issues][folders][still_camera]") {
  for (const double noise : {0.7, 2.0, 6.0}) {
    INFO(noise);
    const Frame like{.noise = noise};
    CHECK_THAT(said_of_frames({{.place = "train/good", .count = 10, .step = 3, .like = like},
                               {.place = "test/good", .count = 5, .step = 3, .from = 40, .like = like},
                               {.place = "test/crack", .count = 5, .step = 3, .from = 80, .like = like}}),
               !Contains(kStillCamera));
  }
  // Copies, which are told elsewhere, and too few to tell.
  CHECK_THAT(said_of_frames({{.place = "train/good", .count = 4}}), !Contains(kStillCamera));
  CHECK_THAT(said_of_frames({{.place = "train/good", .count = 8, .like = {.noise = 0}}}),
             !Contains("first: good/0.png and good/3"));
}

TEST_CASE("different parts as 12 bits in files of 16 are not frames of one", "[issues][folders][still_camera]") {
  const DataFolder folder;
  Dice dice(11);
  constexpr uint32_t side = 128;
  for (int i = 0; i < 12; ++i) {
    std::vector<uint16_t> samples;
    for (int y = 0; y < static_cast<int>(side); ++y)
      for (int x = 0; x < static_cast<int>(side); ++x) {
        const double far = std::hypot(x - 64 - 2 * i, y - 64);
        samples.push_back(static_cast<uint16_t>((far < 40 ? 400 : 700) + dice.below(40)));
      }
    const std::vector<std::byte> bytes = png_file({.width = side, .height = side, .samples = samples});
    folder.add("nut/train/good/" + std::to_string(i) + ".png", text_of(bytes));
  }
  CHECK_THAT(description(read_dataset(folder / "nut"), "nut"), !Contains(kStillCamera));
}
