#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/features.h"
#include "iuf/image/image.h"
#include "iuf/learn/model.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/notes.h"
#include "support/older_model.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;
using Catch::Contains;

// The archive's JPEG copies of the photographs that were learned set a threshold under which new good parts were
// alarms: they were taken for new ones.

namespace {

Calibration with_scores(size_t count) {
  Calibration c{.threshold = 10, .false_alarms = 0.01};
  for (size_t i = 0; i < count; ++i) c.scores.push_back(5 + 0.1 * static_cast<double>(i));
  return c;
}

std::vector<double> moved(std::vector<double> scores, double by) {
  for (double& s : scores) s += by;
  return scores;
}

}  // namespace

TEST_CASE("scores that are too low to be of new images are questioned", "[issues][calibrate]") {
  const Calibration before = with_scores(40);
  CHECK_THAT(known_by_score(before, moved(before.scores, -3)), Contains("saved anew"));
  CHECK(known_by_score(before, before.scores).empty());
  CHECK(known_by_score(before, moved(before.scores, 3)).empty());
  CHECK(known_by_score(with_scores(10), moved(with_scores(10).scores, -3)).empty());  // too few to tell
  CHECK(known_by_score({}, before.scores).empty());
}

TEST_CASE("learned photographs do not set a threshold unsaid where a model keeps no views", "[issues][calibrate]") {
  const TemporaryFolder folder;
  write_synthetic(folder.path() / "data",
                  {.size = 64, .train = 24, .test_good = 1, .per_defect = 1, .objects = {"gear"}}, {});
  Settings settings = starting_settings("fast", "coreset");
  settings.image_size = 64;
  Model model("fast", "coreset", settings, Backbone::embedded());
  std::vector<std::string> images;
  std::filesystem::create_directory(folder / "lot");
  for (const std::filesystem::path& file : list_images(folder.path() / "data" / "gear" / "train" / "good")) {
    images.push_back(file.string());
    Image image = read_image(file);
    for (uint8_t& level : image.pixels) level = static_cast<uint8_t>(std::min(level + 4, 255));
    write_png(folder / "lot" / file.filename().string(), image);
  }
  model.learn({{"gear", images}}, FeatureCache(folder / "cache", model.extractor()), {});
  write_file(folder / "model.safetensors", without_checksum(
                                               model, [](nlohmann::json&) {}, "known_views."));
  Notes notes;
  CalibrateOptions options;
  options.model = folder / "model.safetensors";
  options.object = "gear";
  options.folder = folder / "lot";
  options.later = LaterImages::replace;
  options.trust = Trust::caller;
  calibrate_model(options, notes.progress());
  INFO(joined(notes.notes));
  CHECK(std::ranges::any_of(notes.notes, [](const std::string& note) {
    return note.starts_with("gear: these images score clearly lower than normal ones");
  }));
}
