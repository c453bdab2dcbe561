#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/update_object.h"
#include "iuf/synthetic/data_set.h"
#include "support/dark_bar.h"
#include "support/notes.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;
using Catch::Contains;

// A lot of an object's sibling, which the model knows as well, raised the object's threshold over its own defects: no
// image is unlike the object as a whole, and none was asked whether it is the other's.

namespace {

constexpr int kSize = 96;

struct Siblings {
  TemporaryFolder folder = {};

  Siblings() {
    std::vector<Model::Source> sources;
    for (const std::string name : {"plain", "marked"}) {
      sources.push_back({name, files(make(name, 0, 24))});
      make(name + "_lot", name == "plain" ? 7 : 8, 20);
    }
    Settings settings = starting_settings("fast", "gaussian");
    settings.image_size = 64;
    Model model("fast", "gaussian", settings, Backbone::embedded());
    model.learn(sources, FeatureCache(folder / "cache", model.extractor()), {});
    model.save(folder / "model.safetensors");
  }
  std::filesystem::path make(const std::string& name, uint64_t seed, int images) const {
    write_synthetic(
        folder / name,
        {.seed = seed, .size = kSize, .train = images, .test_good = 1, .per_defect = 1, .objects = {"gear"}}, {});
    if (name.starts_with("marked"))
      for (const auto& file : list_images(lot(name))) draw_dark_bar(file);
    return lot(name);
  }
  std::filesystem::path lot(const std::string& name) const { return folder / name / "gear" / "train" / "good"; }
  static std::vector<std::string> files(const std::filesystem::path& folder) {
    std::vector<std::string> all;
    for (const auto& file : list_images(folder)) all.push_back(file.string());
    return all;
  }
  CalibrateOptions calibration(const std::string& lot_name) const {
    CalibrateOptions o;
    o.model = folder / "model.safetensors";
    o.out = folder / "calibrated.safetensors";
    o.object = "plain";
    o.folder = lot(lot_name);
    return o;
  }
};

bool says(const Notes& notes, const std::string& text) {
  return std::ranges::any_of(notes.notes, [&](const std::string& note) { return note.find(text) != note.npos; });
}

}  // namespace

TEST_CASE("a sibling's lot does not calibrate an object", "[issues][siblings]") {
  const Siblings data;
  Notes notes;
  CalibrateOptions o = data.calibration("marked_lot");
  CHECK_THROWS_WITH(calibrate_model(o, notes.progress()),
                    Contains("another object than 'plain' fits 20 of 20 images better, first: ") &&
                        Contains("(marked)") && Contains("--normal"));
  CHECK_FALSE(std::filesystem::exists(*o.out));

  UpdateOptions update;
  update.model = o.model;
  update.object = "plain";
  update.folder = data.lot("marked_lot");
  update.out = data.folder / "updated.safetensors";
  CHECK_THROWS_WITH(update_object(update, notes.progress()), Contains("fits 20 of 20 images better"));

  // Its own are taken without a word of it; a few of the sibling's are named.
  calibrate_model(data.calibration("plain_lot"), notes.progress());
  INFO(joined(notes.notes, "\n"));
  CHECK_FALSE(says(notes, "fits"));
  for (const std::string name : {"000.png", "001.png"})
    std::filesystem::copy_file(data.lot("marked_lot") / name, data.lot("plain_lot") / ("other" + name));
  calibrate_model(data.calibration("plain_lot"), notes.progress());
  CHECK(says(notes, "another object than 'plain' fits 2 of 22 images better, first: "));
}
