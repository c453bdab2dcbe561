#include "iuf/learn/known_views.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "iuf/image/image.h"
#include "iuf/image/resize.h"
#include "iuf/learn/model.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/model_evaluation.h"
#include "iuf/run/update_object.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/dice.h"
#include "support/jpeg_file.h"
#include "support/notes.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;
using Catch::Contains;

// Photographs that were learned and came back as JPEGs, or somewhat smaller, were taken for new ones by `update`,
// `calibrate` and `eval`.

namespace {

// A model of gears, and the same photographs and others saved anew.
struct SavedAnew {
  std::string object;
  TemporaryFolder folder = {};

  explicit SavedAnew(const std::string& name) : object(name) {
    for (const uint64_t seed : {0, 7, 8})
      write_synthetic(folder.path() / std::to_string(seed),
                      {.seed = seed, .size = 96, .train = 24, .test_good = 1, .per_defect = 1, .objects = {object}},
                      {});
    Settings settings = starting_settings("fast", "gaussian");
    settings.image_size = 64;
    Model model("fast", "gaussian", settings, Backbone::embedded());
    std::vector<std::string> images;
    for (const std::filesystem::path& file : photographs(0)) images.push_back(file.string());
    model.learn({{object, images}}, FeatureCache(folder / "cache", model.extractor()), {});
    model.save(folder / "model.safetensors");
  }
  std::vector<std::filesystem::path> photographs(int seed) const {
    return list_images(folder.path() / std::to_string(seed) / object / "train");
  }
  // Every `every`th of them.
  void save_anew(int seed, const std::string& lot, int quality, int smaller, size_t every = 1) const {
    std::filesystem::create_directories(folder / lot);
    const auto files = photographs(seed);
    for (size_t i = 0; i < files.size(); i += every) {
      const Image image = read_image(files[i]);
      write_file(folder / lot / (std::to_string(seed) + "_" + std::to_string(i) + ".jpg"),
                 jpeg_file(resize_bilinear(image, image.width - smaller, image.height - smaller), quality));
    }
  }
};

bool says(const Notes& notes, const std::string& text) {
  return std::ranges::any_of(notes.notes, [&](const std::string& note) { return note.find(text) != note.npos; });
}

}  // namespace

TEST_CASE("photographs that were saved anew are no new ones", "[issues][known_views]") {
  const std::string object = GENERATE("gear", "fabric", "capsule");
  const int quality = GENERATE(70, 95);
  const int smaller = GENERATE(0, 4);
  INFO(object << " " << quality << " " << smaller);
  const SavedAnew data(object);
  data.save_anew(0, "lot", quality, smaller);
  Notes notes;
  CalibrateOptions calibrate;
  calibrate.model = data.folder / "model.safetensors";
  calibrate.object = object;
  calibrate.folder = data.folder / "lot";
  calibrate.trust = Trust::caller;
  CHECK_THROWS_WITH(calibrate_model(calibrate, notes.progress()),
                    Contains("are those of '" + object + "' already, 24 of them saved anew or taken again"));
  data.save_anew(7, "lot", quality, smaller, 2);
  calibrate.out = data.folder / "calibrated";
  calibrate_model(calibrate, notes.progress());
  INFO(joined(notes.notes, "\n"));
  CHECK(says(notes, "24 of 36 photographs are ones that it knows, 24 of them saved anew or taken again (first: "));

  UpdateOptions update;
  update.model = calibrate.model;
  update.object = object;
  update.folder = calibrate.folder.value();
  update.trust = Trust::caller;
  update.out = data.folder / "updated";
  const Updated updated = update_object(update, notes.progress());
  CHECK(updated.now.train_images == 24 + 12);
  CHECK(says(notes, "24 of 36 photographs are ones that it was learned from, 24 of them saved anew or taken again"));
}

TEST_CASE("new photographs are no known ones", "[issues][known_views]") {
  const std::string object = GENERATE("gear", "grid", "metal", "biscuit");
  INFO(object);
  const SavedAnew data(object);
  data.save_anew(7, "lot", 70, 0);
  const Model model = Model::load(data.folder / "model.safetensors");
  std::vector<std::string> files;
  for (const std::filesystem::path& file : list_images(data.folder / "lot")) files.push_back(file.string());
  const FeatureCache cache(data.folder / "cache", model.extractor());
  const std::vector<ImageFacts> facts = cache.read(files, "", {});
  SeenImages images(files, facts, cache);
  const KnownPhotographs known = model.learned_from(0, images);
  CHECK(known.anew_count == 0);
  CHECK(std::ranges::count(known.are, KnownPhotographs::no) == std::ssize(files));
}

TEST_CASE("test images that were learned and saved anew are told", "[issues][known_views]") {
  const SavedAnew data("capsule");
  data.save_anew(7, "test/capsule/test/good", 90, 0, 3);
  data.save_anew(0, "test/capsule/test/good", 90, 0, 3);
  data.save_anew(8, "test/capsule/test/dent", 90, 0, 5);
  Notes notes;
  ModelEvaluationOptions options;
  options.model = data.folder / "model.safetensors";
  options.data = data.folder / "test";
  evaluate_model(options, notes.progress());
  INFO(joined(notes.notes, "\n"));
  CHECK(says(notes,
             "8 of 16 normal test images are photographs that the model was given to learn from, 8 of them saved"));
}

TEST_CASE("frames of a part that does not move are no copies of one another", "[issues][known_views]") {
  KnownViews known;
  std::vector<float> view(static_cast<size_t>(KnownViews::kSide * KnownViews::kSide));
  Dice dice(3);
  const auto frame = [&] {
    std::vector<float> noisy = view;
    for (float& v : noisy) v += static_cast<float>(dice.below(100)) / 100;
    return noisy;
  };
  for (float& v : view) v = static_cast<float>(dice.below(200));
  for (int i = 0; i < 30; ++i) known.add(frame());
  std::vector<std::vector<float>> later;
  for (int i = 0; i < 60; ++i) later.push_back(frame());
  const auto is_known = [](const std::optional<size_t>& place) { return place.has_value(); };
  CHECK(std::ranges::none_of(known.known(later), is_known));
  known.add(later[5]);  // but the very same
  const auto found = known.known(later);
  CHECK(found[5] == 30U);
  CHECK(std::ranges::count_if(found, is_known) == 1);
}
