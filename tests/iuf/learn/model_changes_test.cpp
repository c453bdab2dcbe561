// What is done to a model that has learned: objects removed, renamed, learned on.

#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/learn/recalibration.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/golden.h"
#include "support/notes.h"
#include "support/small_model.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

const std::vector<std::pair<const char*, nlohmann::json>>& methods_that_forget_objects() {
  static const std::vector<std::pair<const char*, nlohmann::json>> methods = {
      {"iuf", nlohmann::json::object()},      {"finetune", nlohmann::json::object()},
      {"uniad", nlohmann::json::object()},    {"ewc", nlohmann::json::object()},
      {"gaussian", nlohmann::json::object()}, {"surroundings", nlohmann::json::object()},
      {"coreset", nlohmann::json::object()},  {"patchcore", {{"memory", "all"}, {"patchcore-share", 0.1}}}};
  return methods;
}

void check_same_verdict(const Judgement& a, const Judgement& b) {
  CHECK(a.score == b.score);
  CHECK(a.map.defined() == b.map.defined());
  if (a.map.defined()) CHECK(equal(a.map, b.map));
}

Model copy_of(const Model& model, const fs::path& path) {
  model.save(path);
  return Model::load(path);
}

// The bytes of those tensors whose names begin so.
std::map<std::string, std::vector<std::byte>> tensors_of(const Model& model, const std::string& prefix) {
  const std::vector<std::byte> bytes = model.bytes();
  const TensorFile file = parse_safetensors(bytes, "model");
  std::map<std::string, std::vector<std::byte>> tensors;
  for (const std::string& name : file.names())
    if (name.starts_with(prefix)) {
      const auto values = file.at(name).bytes;
      tensors[name.substr(prefix.size())] = {values.begin(), values.end()};
    }
  return tensors;
}

}  // namespace

TEST_CASE("an object is forgotten, and the others are judged against as before, bit for bit", "[iuf][model_changes]") {
  for (const auto& [method, settings] : methods_that_forget_objects()) {
    CAPTURE(method);
    const SmallModel small(method, settings);
    const fs::path path = small.folder / "model.safetensors";
    Model model = copy_of(*small.model, path);
    const FeatureCache cache(small.folder / "cache", model.extractor());
    model.learn({{"third", small.images("biscuit")}}, cache, {});
    model.set_history(1, {.image_auroc = {0.5, 0.75}, .pixel_auroc = {0.5, 0.75}});
    model.set_history(2, {.image_auroc = {0.1, 0.2, 0.3}, .pixel_auroc = {0.1, 0.2, 0.3}});
    std::vector<Judgement> before;
    for (const char* object : {"biscuit", "gear"})
      for (const int64_t expected : {1, 2}) before.push_back(model.judge(small.features(object), expected));
    model.remove("biscuit");
    for (const bool loaded : {false, true}) {
      CAPTURE(loaded);
      if (loaded) model = copy_of(model, path);
      REQUIRE(model.objects().size() == 2);
      CHECK(model.objects()[0].name == "gear");
      CHECK(model.objects()[0].step == 0);
      CHECK(model.objects()[1].step == 1);
      CHECK(model.steps() == 2);
      REQUIRE(model.history().size() == 2);
      CHECK(model.history()[0].image_auroc == std::vector<std::optional<double>>{0.75});
      CHECK(model.history()[1].pixel_auroc == std::vector<std::optional<double>>{0.2, 0.3});
      size_t at = 0;
      for (const char* object : {"biscuit", "gear"})
        for (const int64_t expected : {0, 1}) {
          const Judgement now = model.judge(small.features(object), expected);
          check_same_verdict(now, before[at]);
          CHECK(now.novelty == before[at++].novelty);
        }
      CHECK(model.judge(small.features("gear")).object == 0);
    }
    // It goes on learning, and forgets in any order.
    const FeatureCache again(small.folder / "cache", model.extractor());
    model.learn({{"biscuit", small.images("biscuit")}}, again, {});
    CHECK(copy_of(model, path).objects().back().name == "biscuit");
    model.remove("third");
    model.remove("biscuit");
    check_same_verdict(copy_of(model, path).judge(small.features("gear"), 0), model.judge(small.features("gear"), 0));
    CHECK_THROWS_WITH(model.remove("gear"), Contains("'gear' is the only one of the model"));
    CHECK_THROWS_WITH(model.remove("gaer"), Contains("unknown object 'gaer'") && Contains("did you mean 'gear'"));
  }
}

TEST_CASE("an object whose statistics are not its own is not forgotten, one that left none is",
          "[iuf][model_changes]") {
  for (const auto& [method, settings, why] : std::vector<std::tuple<const char*, nlohmann::json, const char*>>{
           {"padim", nlohmann::json::object(), "of this object alone"},
           {"patchcore", nlohmann::json::object(), "of this object alone"},
           {"draem", nlohmann::json::object(), "of the last step's objects"},
           {"cad-panda", nlohmann::json::object(), "of the last step's objects"}}) {
    CAPTURE(method);
    const SmallModel small(method, settings);
    const std::vector<std::byte> bytes = small.model->bytes();
    CHECK_THROWS_WITH(small.model->remove("gear"),
                      Contains(std::string("'gear': ") + method + " cannot forget it") && Contains(why));
    CHECK(small.model->bytes() == bytes);
    const Judgement before = small.model->judge(small.features("gear"));
    small.model->remove("biscuit");
    const Model loaded = copy_of(*small.model, small.folder / "model.safetensors");
    CHECK(loaded.judge(small.features("gear")).object == 0);
    check_same_verdict(loaded.judge(small.features("gear")), before);
  }
  for (const auto& [method, settings] : std::vector<std::pair<const char*, nlohmann::json>>{
           {"padim", {{"memory", "all"}}}, {"cad-dne", nlohmann::json::object()}}) {
    CAPTURE(method);
    const SmallModel small(method, settings);
    for (const char* object : {"biscuit", "gear"}) CHECK_THROWS_WITH(small.model->remove(object), Contains("together"));
  }
}

TEST_CASE("a renamed object is the same in all but its name", "[iuf][model_changes]") {
  const SmallModel small("gaussian");
  Model& model = *small.model;
  const Judgement before = model.judge(small.features("gear"), 1);
  const uint64_t fingerprint = model.objects()[1].fingerprint;
  model.rename("gear", "wheel");
  model.rename("wheel", "cog");
  Model loaded = copy_of(model, small.folder / "model.safetensors");
  CHECK(loaded.objects()[1].name == "cog");
  CHECK(loaded.objects()[1].learned_as == "gear");
  CHECK(loaded.objects()[1].fingerprint == fingerprint);
  check_same_verdict(loaded.judge(small.features("gear"), loaded.expected_object("cog")), before);
  CHECK_THROWS_WITH(loaded.expected_object("gear"), Contains("unknown object 'gear'"));
  CHECK_THROWS_WITH(loaded.rename("cog", "biscuit"), Contains("'biscuit' is already in the model"));
  CHECK_THROWS_WITH(loaded.rename("cog", "cog"), Contains("'cog' is already in the model"));
  CHECK_THROWS_WITH(loaded.rename("gear", "x"), Contains("unknown object 'gear'"));
  CHECK_THROWS_AS(loaded.rename("cog", ""), Error);
  CHECK_THROWS_AS(loaded.rename("cog", "a\nb"), Error);
  loaded.rename("cog", "gear");
  CHECK(loaded.objects()[1].learned_as.empty());
}

namespace {

// Gears as another seed makes them, under another lamp.
std::vector<std::string> under_a_lamp(const fs::path& folder, size_t count, double brightness, uint64_t first = 100) {
  make_folder(folder);
  std::vector<std::string> files;
  for (size_t i = 0; i < count; ++i) {
    Image image = render_synthetic("gear", "good", 1, first + i, 64).image;
    for (uint8_t& v : image.pixels) v = static_cast<uint8_t>(std::min(255.0, brightness * v));
    files.push_back((folder / (std::to_string(i) + ".png")).string());
    write_png(files.back(), image);
  }
  return files;
}

// Of these images, judged as gears: the mean score, and the share above the threshold.
std::pair<double, double> judged(const Model& model, const std::vector<std::string>& files) {
  double sum = 0, alarms = 0;
  for (const std::string& file : files) {
    const double score = model.judge(read_image(file), model.expected_object("gear")).score;
    sum += score;
    alarms += score > model.objects()[1].threshold;
  }
  const auto count = static_cast<double>(files.size());
  return {sum / count, alarms / count};
}

}  // namespace

TEST_CASE("an update makes what is new of an object usual, and leaves what is kept of others as it was",
          "[iuf][model_changes][update]") {
  for (const auto& [method, settings] :
       std::vector<std::pair<const char*, nlohmann::json>>{{"gaussian", nlohmann::json::object()},
                                                           {"surroundings", nlohmann::json::object()},
                                                           {"coreset", nlohmann::json::object()},
                                                           {"patchcore", {{"patchcore-share", 0.2}}},
                                                           {"patchcore", {{"patchcore-share", 0.2}, {"memory", "all"}}},
                                                           {"padim", nlohmann::json::object()},
                                                           {"padim", {{"memory", "all"}}},
                                                           {"iuf", nlohmann::json::object()},
                                                           {"uniad", nlohmann::json::object()},
                                                           {"ewc", nlohmann::json::object()}}) {
    CAPTURE(method, settings.dump());
    const SmallModel small(method, settings);
    const fs::path path = small.folder / "model.safetensors";
    Model model = copy_of(*small.model, path);
    const std::vector<std::string> warm = under_a_lamp(small.folder / "warm", 12, 0.5),
                                   later = under_a_lamp(small.folder / "later", 8, 0.5, 200);
    const auto before = judged(model, later);
    const auto others = tensors_of(model, "object.0.");
    const ObjectRecord record = model.objects()[1], other = model.objects()[0];
    const std::vector<double> scores = record.scores;
    const bool remembers = method != std::string("padim") && method != std::string("patchcore");
    const bool trains = method_info(method).trains;
    const Judgement biscuit = model.judge(small.features("biscuit"), remembers ? 0 : 1);
    const FeatureCache cache(small.folder / "cache", model.extractor());
    REQUIRE(model.update({"gear", warm}, cache, {}, LaterImages::add));
    if (remembers && !trains) check_same_verdict(model.judge(small.features("biscuit"), 0), biscuit);
    const auto after = judged(model, later);
    CHECK(after.first < before.first);
    CHECK(after.second <= before.second);
    // Of eighteen images so small the surroundings are no more than guessed.
    if (method != std::string("surroundings")) CHECK(after.second < 0.3);
    const ObjectRecord& now = model.objects()[1];
    CHECK(now.train_images + now.held_out_images == record.train_images + record.held_out_images + 12);
    CHECK(now.photographs.size() == record.photographs.size() + 12);
    CHECK(now.scores.size() == scores.size() + 12);
    CHECK(std::ranges::includes(now.scores, scores));
    CHECK(now.earlier.empty());  // thresholds of other scores
    // What is kept of the other object is as it was.
    CHECK(tensors_of(model, "object.0.") == others);
    CHECK(model.objects()[0].threshold == other.threshold);
    const Model loaded = copy_of(model, path);
    CHECK(loaded.bytes() == model.bytes());
    check_same_verdict(loaded.judge(read_image(later[0]), 1), model.judge(read_image(later[0]), 1));
    // These photographs are known now.
    const std::vector<std::byte> bytes = model.bytes();
    CHECK_FALSE(model.update({"gear", warm}, cache, {}, LaterImages::add));
    CHECK(model.bytes() == bytes);
  }
}

TEST_CASE("a Gaussian, a bank and positions that more images join are those of all images at once",
          "[iuf][model_changes][update]") {
  for (const auto& [method, settings] :
       std::vector<std::pair<const char*, nlohmann::json>>{{"gaussian", nlohmann::json::object()},
                                                           {"coreset", {{"bank-size", 100000}}},
                                                           {"padim", {{"memory", "all"}}}}) {
    CAPTURE(method);
    const SmallModel small(method, settings);
    Model joined = copy_of(*small.model, small.folder / "model.safetensors");
    const std::vector<std::string> warm = under_a_lamp(small.folder / "warm", 6, 0.8);
    std::vector<std::string> all = small.images("gear");
    all.insert(all.end(), warm.begin(), warm.end());
    const FeatureCache cache(small.folder / "cache", joined.extractor());
    Model once("fast", method, joined.settings(), Backbone::embedded());
    once.learn({{"biscuit", small.images("biscuit")}}, cache, {});
    once.learn({{"gear", all}}, cache, {});
    joined.update({"gear", warm}, cache, {}, LaterImages::add);
    // The unit in which a Gaussian's distances count stays that of the first images.
    std::vector<double> ratios;
    for (const std::string& file : under_a_lamp(small.folder / "test", 6, 0.9, 300)) {
      const ImageFeatures image = joined.extractor()(read_image(file));
      const Tensor a = joined.judge(image, 1).map, b = once.judge(image, 1).map;
      int64_t low = 0, high = 0;
      for (int64_t i = 0; i < a.size(); ++i) {
        if (a.data()[i] < a.data()[low]) low = i;
        if (a.data()[i] > a.data()[high]) high = i;
      }
      ratios.push_back(static_cast<double>(a.data()[high] - a.data()[low]) /
                       static_cast<double>(b.data()[high] - b.data()[low]));
    }
    for (const double ratio : ratios) CHECK(ratio == Approx(ratios[0]).epsilon(1e-3));
  }
}

TEST_CASE("an update says what it cannot do", "[iuf][model_changes][update]") {
  for (const char* method : {"draem", "cad-panda", "cad-dne"}) {
    const SmallModel small(method);
    const FeatureCache cache(small.folder / "cache", small.model->extractor());
    CHECK_THROWS_WITH(small.model->update({"gear", small.images("gear")}, cache, {}, LaterImages::add),
                      Contains("cannot learn more images") && Contains("forgetting"));
  }
  for (const char* method : {"padim", "patchcore"}) {
    const SmallModel small(method);
    const FeatureCache cache(small.folder / "cache", small.model->extractor());
    CHECK_THROWS_WITH(small.model->update({"biscuit", small.images("gear")}, cache, {}, LaterImages::add),
                      Contains("keeps nothing of this object's step"));
  }
  const SmallModel small("gaussian");
  Model& model = *small.model;
  const FeatureCache cache(small.folder / "cache", model.extractor());
  CHECK_THROWS_WITH(model.update({"gaer", small.images("gear")}, cache, {}, LaterImages::add),
                    Contains("unknown object 'gaer'"));
  CHECK_THROWS_WITH(model.update({"biscuit", under_a_lamp(small.folder / "gears", 6, 1)}, cache, {}, LaterImages::add),
                    Contains("'biscuit': 6 of 6 images are unlike") && Contains("look like 'gear'"));
  // A threshold that was set by hand stays; few images leave none unseen.
  ObjectRecord record = model.objects()[1];
  set_threshold(record, 5);
  model.set_calibration(1, record);
  Notes notes;
  const std::vector<std::string> warm = under_a_lamp(small.folder / "warm", 5, 0.8);
  model.update({"gear", {warm[0], warm[1], warm[2]}}, cache, {.progress = notes.progress()}, LaterImages::add);
  CHECK(model.objects()[1].threshold == 5);
  CHECK(std::ranges::count(notes.notes, "gear: its threshold was set by hand, and stays") == 1);
  set_false_alarms(record, 0.1);
  model.set_calibration(1, record);
  const double threshold = *record.threshold;
  model.update({"gear", {warm[3]}}, cache, {.progress = notes.progress()}, LaterImages::add);
  CHECK(model.objects()[1].threshold == threshold);
  CHECK_THAT(notes.notes.back(), Contains("too few to be judged"));
}

TEST_CASE("scores of later images that are then learned from do not count twice", "[iuf][model_changes][update]") {
  const SmallModel small("gaussian");
  Model& model = *small.model;
  const FeatureCache cache(small.folder / "cache", model.extractor());
  const std::vector<std::string> warm = under_a_lamp(small.folder / "warm", 6, 0.9);
  ObjectRecord record = model.objects()[1];
  LaterScores later;
  for (const ImageFacts& facts : cache.read(warm, "facts", {})) {
    later.photographs.push_back(facts.photograph);
    later.scores.push_back(1);
  }
  const size_t scores = record.scores.size();
  take_normal_scores(record, later, LaterImages::add, std::nullopt);
  model.set_calibration(1, record);
  REQUIRE(model.objects()[1].scores.size() == scores + 6);
  model.update({"gear", warm}, cache, {}, LaterImages::add);
  CHECK(model.objects()[1].scores.size() == scores + 6);
  const std::vector<std::string> warmer = under_a_lamp(small.folder / "warmer", 7, 0.8, 400);
  model.update({"gear", warmer}, cache, {}, LaterImages::replace);
  CHECK(model.objects()[1].scores.size() == 7);
}
