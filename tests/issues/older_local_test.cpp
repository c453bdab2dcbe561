// A model that was saved before the local features had surroundings has no such setting and no such tensors.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/golden.h"
#include "support/small_model.h"

using namespace iuf;

namespace {

// The bytes of a model as they were before this setting: of the format without a checksum, which says less.
std::vector<std::byte> without_setting(const Model& model) {
  const std::vector<std::byte> bytes = model.bytes();
  const TensorFile whole = parse_safetensors(bytes, "model");
  nlohmann::json meta = nlohmann::json::parse(whole.metadata("iuf_model"));
  meta["format"] = 1;
  meta["settings"].erase("local");
  SafetensorsWriter writer;
  for (const std::string& name : whole.names()) writer.add(name, whole.at(name));
  writer.set_metadata("iuf_model", meta.dump());
  return writer.bytes();
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
    const SmallModel small(method, {{"local", "gaussian"}});
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
