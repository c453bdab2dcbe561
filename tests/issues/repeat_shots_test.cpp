#include "iuf/learn/repeat_shots.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "iuf/data/dataset.h"
#include "iuf/image/image.h"
#include "iuf/learn/model.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/data_check.h"
#include "iuf/synthetic/data_set.h"
#include "support/dice.h"
#include "support/notes.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;
using Catch::Contains;

// Ten bottles, each photographed twelve times and put back in between, counted as 120: other bottles were alarms.

namespace {

constexpr int kSize = 240, kCut = 8;  // pixels; a border of a shot is cut off

// A shot of a part that was moved by less than `most` pixels and turned by less than a hundredth, in a light of its
// own, with a camera's noise.
Image shot_of(const Image& part, double most, Dice& dice) {
  const auto any = [&] { return 2 * static_cast<double>(dice.below(1001)) / 1000 - 1; };
  const double across = most * any(), down = most * any(), turn = 0.01 * any(), light = 1 + 0.03 * any();
  const double middle = 0.5 * (kSize - 1);
  Image shot = blank_image(kSize - 2 * kCut, kSize - 2 * kCut, 3);
  for (int y = 0; y < shot.height; ++y)
    for (int x = 0; x < shot.width; ++x) {
      const double u = x + kCut - middle, v = y + kCut - middle;
      const double from_x = middle + u - turn * v + across, from_y = middle + v + turn * u + down;
      const int x0 = static_cast<int>(from_x), y0 = static_cast<int>(from_y);
      const double fx = from_x - x0, fy = from_y - y0;
      for (int c = 0; c < 3; ++c) {
        const auto at = [&](int row, int column) { return static_cast<double>(part.row(row)[3 * column + c]); };
        const double value = (1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x0 + 1)) +
                             fy * ((1 - fx) * at(y0 + 1, x0) + fx * at(y0 + 1, x0 + 1));
        const double noisy = light * value + 2 * any();
        shot.row(y)[3 * x + c] = static_cast<uint8_t>(std::clamp(std::lround(noisy), 0L, 255L));
      }
    }
  return shot;
}

struct Line {
  std::string object;
  TemporaryFolder folder = {};
  std::vector<std::filesystem::path> parts = {};

  explicit Line(const std::string& name) : object(name) {
    write_synthetic(folder / "parts",
                    {.size = kSize, .train = 24, .test_good = 1, .per_defect = 1, .objects = {object}}, {});
    parts = list_images(folder / "parts" / object / "train");
  }
  // Shots of `count` parts from this one on, in no order.
  void photograph(const std::filesystem::path& to, size_t begin, size_t count, size_t shots, double most = 2) const {
    std::filesystem::create_directories(to);
    Dice dice(static_cast<uint32_t>(begin));
    for (size_t s = 0; s < shots; ++s)
      for (size_t p = 0; p < count; ++p)
        write_png(to / (std::to_string(s * count + (7 * p + s) % count) + ".png"),
                  shot_of(read_image(parts[begin + p]), most, dice));
  }
  Model model() const {
    Settings settings = starting_settings("fast", "gaussian");
    settings.image_size = 224;
    return Model("fast", "gaussian", settings, Backbone::embedded());
  }
};

std::vector<std::string> images_in(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const std::filesystem::path& file : list_images(folder)) files.push_back(file.string());
  return files;
}

}  // namespace

TEST_CASE("several shots of one part count once", "[issues][repeat_shots]") {
  const std::string object = GENERATE("gear", "wood");
  INFO(object);
  const Line line(object);
  line.photograph(line.folder / "shots", 0, 10, 4);
  Model model = line.model();
  Notes notes;
  StepContext context;
  context.progress = notes.progress();
  model.learn({{object, images_in(line.folder / "shots")}}, FeatureCache(line.folder / "cache", model.extractor()),
              context);
  INFO(joined(notes.notes, "\n"));
  CHECK_THAT(joined(notes.notes, "\n"), Contains("40 images are of about 10 parts, which several shots show"));
  CHECK(model.objects()[0].train_images == 40);
  CHECK(model.objects()[0].scores.size() == 10);

  model.save(line.folder / "model.safetensors");
  line.photograph(line.folder / "lot", 10, 6, 5);
  CalibrateOptions calibrate;
  calibrate.model = line.folder / "model.safetensors";
  calibrate.object = object;
  calibrate.folder = line.folder / "lot";
  calibrate.trust = Trust::caller;
  calibrate_model(calibrate, notes.progress());
  INFO(joined(notes.notes, "\n"));
  CHECK_THAT(joined(notes.notes, "\n"), Contains("30 images are of about 6 parts, which several shots show"));
  const Model calibrated = Model::load(calibrate.model, {});
  CHECK(calibrated.objects()[0].scores.size() == 16);
  CHECK(calibrated.objects()[0].later_photographs.size() == 30);
}

TEST_CASE("one shot of each part is no repetition", "[issues][repeat_shots]") {
  for (const std::string object : {"gear", "wood", "bottle_cap"}) {
    INFO(object);
    const Line line(object);
    Model model = line.model();
    Notes notes;
    StepContext context;
    context.progress = notes.progress();
    line.photograph(line.folder / "shots", 0, 24, 1);
    model.learn({{object, images_in(line.folder / "shots")}}, FeatureCache(line.folder / "cache", model.extractor()),
                context);
    INFO(joined(notes.notes, "\n"));
    CHECK_THAT(joined(notes.notes, "\n"), !Contains("shots"));
    CHECK(model.objects()[0].scores.size() + 2 >= 24);
  }
}

TEST_CASE("test images that are other shots of learned parts are told", "[issues][repeat_shots]") {
  const Line line("gear");
  line.photograph(line.folder / "data/gear/train/good", 0, 12, 2);
  line.photograph(line.folder / "data/gear/test/good", 8, 6, 3);  // four of them learned, two not
  const Model model = line.model();
  Notes notes;
  const Dataset data = read_dataset(line.folder / "data");
  const FeatureCache cache(line.folder / "cache", model.extractor());
  check_images(data, {"gear"}, cache, notes.progress());
  INFO(joined(notes.notes, "\n"));
  CHECK_THAT(
      joined(notes.notes, "\n"),
      Contains("12 of 18 normal test images are other shots of parts to learn from, and say little of new ones"));
  CHECK_THAT(joined(notes.notes, "\n"), Contains("18 normal test images are of about 14 parts, which several shots"));
}

TEST_CASE("pictures of one part fit when moved, turned and lit otherwise", "[issues][repeat_shots]") {
  // Blobs, drawn where they are: nothing is resampled.
  Dice dice(3);
  const size_t parts = 6, shots = 4;
  Tensor pictures = Tensor::zeros({static_cast<int64_t>(parts * shots), kShotSide, kShotSide});
  for (size_t p = 0; p < parts; ++p) {
    std::vector<std::array<double, 3>> blobs;
    for (int b = 0; b < 40; ++b)
      blobs.push_back({static_cast<double>(dice.below(560)) / 10, static_cast<double>(dice.below(560)) / 10,
                       static_cast<double>(dice.below(100)) - 50});
    for (size_t s = 0; s < shots; ++s) {
      const double across = static_cast<double>(dice.below(200)) / 100 - 1, turn = 0.01 * static_cast<double>(s);
      real* map = pictures.data() + static_cast<int64_t>(p + parts * s) * kShotSide * kShotSide;
      for (int64_t y = 0; y < kShotSide; ++y)
        for (int64_t x = 0; x < kShotSide; ++x) {
          const double u = static_cast<double>(x) - 27.5, v = static_cast<double>(y) - 27.5;
          const double fx = 27.5 + u - turn * v + across, fy = 27.5 + v + turn * u;
          double sum = 100;
          for (const auto& [bx, by, height] : blobs)
            sum += height * std::exp(-((fx - bx) * (fx - bx) + (fy - by) * (fy - by)) / 8);
          map[y * kShotSide + x] = static_cast<real>(sum * (1 + 0.02 * static_cast<double>(s)));
        }
    }
  }
  std::vector<uint8_t> used(static_cast<size_t>(kShotSide * kShotSide), 1);
  const std::vector<size_t> first = first_shots(pictures, used);
  for (size_t i = 0; i < first.size(); ++i) CHECK(first[i] == i % parts);

  SECTION("what is not used is not compared") {
    for (int64_t i = 0; i < pictures.dim(0); ++i)
      for (int64_t y = 20; y < 36; ++y)
        for (int64_t x = 20; x < 36; ++x) {
          used[static_cast<size_t>(y * kShotSide + x)] = 0;
          if (y >= 26 && y < 30 && x >= 26 && x < 30)
            pictures.data()[(i * kShotSide + y) * kShotSide + x] = static_cast<real>(40 * (i % 5));
        }
    const std::vector<size_t> without = first_shots(pictures, used);
    for (size_t i = 0; i < without.size(); ++i) CHECK(without[i] == i % parts);
  }
}
