#include "iuf/learn/model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "iuf/data/dataset.h"
#include "iuf/stats/standardisation.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

// A model that knows two objects, learned in two steps from six small images each.
struct Learned {
  TemporaryFolder folder;
  Model model;

  static Settings settings() {
    Settings s = starting_settings("fast", "gaussian");
    s.image_size = 64;
    s.grid = 4;
    return s;
  }
  std::vector<std::string> images(const std::string& object) const {
    std::vector<std::string> files;
    for (const fs::path& file : list_images(folder.path() / "data" / object / "train" / "good"))
      files.push_back(file.string());
    return files;
  }
  FeatureCache cache() const { return {folder.path() / "cache", model.extractor()}; }
  Learned() : model("fast", "gaussian", settings(), Backbone::embedded()) {
    write_synthetic(folder.path() / "data",
                    {.size = 64, .train = 6, .test_good = 1, .per_defect = 1, .objects = {"biscuit", "gear"}}, {});
    for (const char* object : {"biscuit", "gear"}) model.learn({{object, images(object)}}, cache(), {});
  }
};

}  // namespace

TEST_CASE("model: a description that contradicts itself or the networks is refused, and the file named",
          "[iuf][model]") {
  const Learned learned;
  const fs::path path = learned.folder.path() / "model.safetensors";
  learned.model.save(path);
  REQUIRE(Model::load(path).objects().size() == 2);
  const TensorFile whole = read_safetensors(path);
  const auto loaded_with = [&](const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json meta = nlohmann::json::parse(whole.metadata("iuf_model"));
    change(meta);
    SafetensorsWriter writer;
    for (const std::string& name : whole.names()) writer.add(name, whole.at(name));
    writer.set_metadata("iuf_model", meta.dump());
    writer.protect();
    const fs::path changed = learned.folder.path() / "changed.safetensors";
    writer.write(changed);
    return Model::load(changed);
  };
  CHECK(loaded_with([](nlohmann::json&) {}).steps() == 2);
  for (const int64_t step : {int64_t{-1}, int64_t{1}, int64_t{1000000000000000}})
    CHECK_THROWS_WITH(loaded_with([&](nlohmann::json& meta) { meta["objects"][0]["step"] = step; }),
                      Contains("changed.safetensors: damaged") && Contains("'biscuit'"));
  CHECK_THROWS_WITH(loaded_with([](nlohmann::json& meta) { meta["objects"][1]["step"] = 2; }),
                    Contains("'gear' is of step 2 after step 0"));
  for (const int64_t steps : {0, 1, 3, -1})
    CHECK_THROWS_WITH(loaded_with([&](nlohmann::json& meta) { meta["steps"] = steps; }),
                      Contains("changed.safetensors: damaged") && Contains(" steps, but"));
  CHECK_THROWS_WITH(loaded_with([](nlohmann::json& meta) {
                      const nlohmann::json row = {{"image_auroc", {1}}, {"pixel_auroc", {1}}};
                      meta["history"] = {row, row, row};
                    }),
                    Contains("history is longer"));
  CHECK_THROWS_WITH(loaded_with([](nlohmann::json& meta) {
                      meta["history"] = {{{"image_auroc", {1, 1, 1}}, {"pixel_auroc", {1}}}};
                    }),
                    Contains("more objects"));
  CHECK_THROWS_WITH(loaded_with([](nlohmann::json& meta) { meta["settings"]["blur"] = -1; }),
                    Contains("changed.safetensors") && Contains("blur"));

  const auto forgetful = [](nlohmann::json& meta) {
    meta["objects"].erase(1);
    meta["steps"] = 1;
  };
  CHECK_THROWS_WITH(loaded_with(forgetful),
                    Contains("changed.safetensors: damaged model") && Contains("know 2 objects"));
  const ImageFeatures gear = learned.model.extractor()(read_image(learned.images("gear")[0]));
  CHECK(learned.model.judge(gear).object == 1);
}

TEST_CASE("feature cache: an entry of another shape is computed again, and mended", "[iuf][model]") {
  const Learned learned;
  const FeatureCache cache = learned.cache();
  const std::vector<std::string> files = learned.images("gear");
  const uint64_t content = cache.read(files, "features", {})[0].content;
  const ImageFeatures expected = cache.load(files[0], content);
  fs::path entry;
  for (const auto& file : fs::recursive_directory_iterator(learned.folder.path() / "cache")) {
    char name[40];
    std::snprintf(name, sizeof name, "%016llx.safetensors", static_cast<unsigned long long>(content));
    if (file.path().filename() == name) entry = file.path();
  }
  REQUIRE(!entry.empty());
  const std::vector<std::byte> whole = read_file(entry);
  const TensorFile stored = parse_safetensors(whole, "entry");
  for (const char* part : {"pixels", "aligned", "local"}) {
    CAPTURE(part);
    SafetensorsWriter writer;
    for (const std::string& name : stored.names()) {
      StoredTensor tensor = stored.at(name);
      if (name == part) {
        tensor.bytes = tensor.bytes.first(tensor.bytes.size() / static_cast<size_t>(tensor.shape[0]));
        tensor.shape[0] = 1;
      }
      writer.add(name, tensor);
    }
    for (const auto& [key, value] : stored.metadata()) writer.set_metadata(key, value);
    writer.write(entry);
    const ImageFeatures features = cache.load(files[0], content);
    CHECK(features.pixels == expected.pixels);
    CHECK(features.aligned.shape() == expected.aligned.shape());
    CHECK(features.local.shape() == expected.local.shape());
    CHECK(read_file(entry) == whole);
  }
}

TEST_CASE("standardisation: a feature that is not finite is an error that names the image", "[iuf][model]") {
  const std::vector<TrainingImage> images = {{"good.png", 1, 0}, {"bad.png", 2, 0}};
  const auto features = [](const TrainingImage& image) {
    Tensor x = Tensor::full({4, 3}, 1);
    if (image.hash == 2) x.data()[7] = std::numeric_limits<real>::quiet_NaN();
    return x;
  };
  CHECK_THROWS_WITH(Standardisation::fit(images, features), Contains("bad.png: features: row 2"));
}
