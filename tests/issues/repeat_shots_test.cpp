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
#include "support/shots.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;
using Catch::Contains;

// Ten bottles, each photographed twelve times and put back in between, counted as 120: other bottles were alarms.

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
