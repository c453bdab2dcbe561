// A model that was saved before the local features had surroundings has no such setting and no such tensors.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/golden.h"
#include "support/older_model.h"
#include "support/small_model.h"

using namespace iuf;

namespace {

// The bytes of a model as they were before these settings.
std::vector<std::byte> without_setting(const Model& model) {
  return without_checksum(model, [](nlohmann::json& meta) {
    for (const char* name : {"local", "fusion"}) meta["settings"].erase(name);
  });
}

bool has_surroundings(const Model& model) {
  const std::vector<std::byte> bytes = model.bytes();
  return parse_safetensors(bytes, "model").contains("object.0.local.weight");
}

std::string local_of(const Model& model) {
  return to_json(model.settings()).at("local");
}

}  // namespace

TEST_CASE("an older model goes on with one Gaussian of local features, also through a new step", "[issues][local]") {
  for (const char* method : {"iuf", "finetune"}) {
    CAPTURE(method);
    const SmallModel small(method, {{"local", "gaussian"}, {"fusion", "sum"}});
    CHECK_FALSE(has_surroundings(*small.model));
    const auto path = small.folder / "older.safetensors";
    write_file(path, without_setting(*small.model));
    Model older = Model::load(path);
    CHECK(local_of(older) == "gaussian");
    for (const char* object : {"biscuit", "gear"}) {
      const ImageFeatures image = small.features(object);
      const Judgement before = small.model->judge(image), after = older.judge(image);
      CHECK(after.score == before.score);
      CHECK(equal(after.map, before.map));
    }
    const FeatureCache cache(small.folder / "cache", older.extractor());
    older.learn({{"third", small.images("biscuit")}}, cache, {});
    older.save(path);
    CHECK_FALSE(has_surroundings(Model::load(path)));
  }
}

TEST_CASE("the residual counts as one of the maps, or in an older model as much as all views", "[issues][local]") {
  const SmallModel sum("iuf", {{"fusion", "sum"}}), mean("iuf");
  CHECK(to_json(mean.model->settings()).at("fusion") == "mean");
  for (const char* published : {"paper", "released"}) CHECK(to_json(profile(published)).at("fusion") == "sum");
  write_file(sum.folder / "older.safetensors",
             without_checksum(*sum.model, [](nlohmann::json& meta) { meta["settings"].erase("fusion"); }));
  const Model older = Model::load(sum.folder / "older.safetensors");
  const SmallModel views("surroundings");
  for (const char* object : {"biscuit", "gear"}) {
    const Tensor added = sum.model->judge(sum.features(object)).map,
                 averaged = mean.model->judge(sum.features(object)).map;
    CHECK(equal(older.judge(sum.features(object)).map, added));
    // Three views: sum = r + v, mean = (r + 3 v) / 4, and v alone is the map of surroundings.
    const Tensor alone = views.model->judge(sum.features(object)).map;
    for (int64_t i = 0; i < added.size(); ++i)
      CHECK(std::abs(averaged.data()[i] - (added.data()[i] + 2 * alone.data()[i]) / 4) <=
            16 * std::numeric_limits<real>::epsilon() * (std::abs(added.data()[i]) + 2 * std::abs(alone.data()[i])));
  }
}

TEST_CASE("a new model keeps the surroundings of what its score takes in, and comes back with them",
          "[issues][local]") {
  const SmallModel small("iuf");
  CHECK(local_of(*small.model) == "surroundings");
  CHECK(has_surroundings(*small.model));
  const auto path = small.folder / "model.safetensors";
  small.model->save(path);
  const Model copy = Model::load(path);
  CHECK(copy.bytes() == small.model->bytes());
  const ImageFeatures image = small.features("gear");
  CHECK(copy.judge(image).score == small.model->judge(image).score);
  CHECK_FALSE(has_surroundings(*SmallModel("iuf", {{"score", "whitened"}}).model));
  for (const char* published : {"paper", "released"}) CHECK(to_json(profile(published)).at("local") == "gaussian");
}
