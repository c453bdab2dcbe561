#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/learn/method.h"
#include "iuf/paper/anomaly_map.h"
#include "support/golden.h"
#include "tensor/error.h"

// The methods without training, on golden features of three objects (tests/golden/make_baselines.py).

using namespace iuf;
using Catch::Contains;

namespace {

Settings small() {
  Settings s;
  s.image_size = 32;
  s.views = "coarse";  // made-up images have no photograph
  s.pooling = Pooling::max_pool16;
  set(s, "bank-size", 10);
  set(s, "patchcore-share", 0.1);
  set(s, "patchcore-limit", 15);
  return s;
}

std::unique_ptr<Method> make(const std::string& name, Settings settings) {
  method_info(name).defaults(settings);
  method_info(name).adjust(settings);
  return method_info(name).make(settings, backbone_info("efficientnet_lite0"));
}

ImageFeatures local_features(const Tensor& images, int64_t i) {
  ImageFeatures f;
  f.local = images.rows(i, 1).reshape({images.dim(1), images.dim(2)});
  return f;
}

/// The step that learns objects [first, first + count) of the golden.
StepData step_of(const TensorFile& file, int64_t step, int64_t first, int64_t count) {
  StepData data{.step = step, .first_object = first};
  for (int64_t o = first; o < first + count; ++o) {
    const std::string name = std::to_string(o);
    data.names.push_back(name);
    for (int64_t i = 0; i < file.shape("train." + name)[0]; ++i)
      data.images.push_back({std::to_string(i), static_cast<uint64_t>(i), o});
  }
  data.load = [&file](const TrainingImage& image, Parts) {
    return local_features(file.tensor("train." + std::to_string(image.object)), std::stoll(image.file));
  };
  return data;
}

std::unique_ptr<Method> reloaded(const Method& method, const std::string& name, const Settings& settings) {
  SafetensorsWriter writer;
  nlohmann::json meta;
  method.save(writer, meta);
  const std::vector<std::byte> bytes = writer.bytes();
  std::unique_ptr<Method> copy = make(name, settings);
  copy->load(parse_safetensors(bytes, "copy"), nlohmann::json::parse(meta.dump()));
  return copy;
}

/// Learns both steps, saved and loaded in between and at the end, and compares every judgement with the golden.
void check_method(const std::string& name, const Settings& settings, const std::string& expected) {
  INFO(expected);
  const TensorFile file = golden("parts/baselines");
  std::unique_ptr<Method> method = make(name, settings);
  CHECK_THROWS_WITH(method->judge(local_features(file.tensor("test"), 0)), Contains("not learned any object"));
  method->learn(step_of(file, 0, 0, 2), {});
  method = reloaded(*method, name, settings);
  method->learn(step_of(file, 1, 2, 1), {});
  const std::unique_ptr<Method> copy = reloaded(*method, name, settings);
  const Tensor maps = file.tensor(expected + ".map"), scores = file.tensor(expected + ".score");
  const std::vector<int64_t> objects = file.integers(expected + ".object");
  for (int64_t i = 0; i < 3; ++i) {
    const ImageFeatures image = local_features(file.tensor("test"), i);
    const Judgement j = method->judge(image), again = copy->judge(image);
    check_close("map", j.map, maps.rows(i, 1).reshape({32, 32}), 1e-4);
    CHECK(j.score == Approx(static_cast<double>(scores.data()[i])).epsilon(1e-4));
    CHECK(j.object == objects[static_cast<size_t>(i)]);
    CHECK(j.confidence >= 0);
    CHECK(j.confidence <= 1);
    check_close("map of the loaded method", again.map, j.map, 0);
    CHECK(again.score == j.score);
    CHECK(again.object == j.object);
  }
}

}  // namespace

TEST_CASE("gaussian gives what scikit-learn's covariances give", "[iuf][baselines]") {
  check_method("gaussian", small(), "gaussian");
}

TEST_CASE("coreset gives what scikit-learn's neighbours give", "[iuf][baselines]") {
  check_method("coreset", small(), "coreset");
}

TEST_CASE("padim gives what numpy's covariances give, for the last step and for all", "[iuf][baselines]") {
  Settings settings = small();
  check_method("padim", settings, "padim.step");
  set(settings, "memory", "all");
  check_method("padim", settings, "padim.all");
}

TEST_CASE("padim on fewer channels is padim on those channels", "[iuf][baselines]") {
  const TensorFile file = golden("parts/baselines");
  Settings settings = small();
  set(settings, "padim-channels", 3);
  const std::unique_ptr<Method> few = make("padim", settings);
  few->learn(step_of(file, 0, 0, 2), {});
  SafetensorsWriter writer;
  nlohmann::json meta;
  few->save(writer, meta);
  const std::vector<std::byte> bytes = writer.bytes();
  const std::vector<int64_t> channels = parse_safetensors(bytes, "few").integers("position.channels");
  REQUIRE(channels.size() == 3);
  const auto cut = [&](ImageFeatures f) {
    Tensor some({f.local.dim(0), 3});
    for (int64_t p = 0; p < f.local.dim(0); ++p)
      for (int64_t c = 0; c < 3; ++c) some.data()[p * 3 + c] = f.local.data()[p * 6 + channels[static_cast<size_t>(c)]];
    f.local = some;
    return f;
  };
  const std::unique_ptr<Method> all = make("padim", settings);
  StepData data = step_of(file, 0, 0, 2);
  data.load = [&, load = data.load](const TrainingImage& image, Parts parts) { return cut(load(image, parts)); };
  all->learn(data, {});
  for (int64_t i = 0; i < 3; ++i) {
    const ImageFeatures image = local_features(file.tensor("test"), i);
    check_close("map", few->judge(image).map, all->judge(cut(image)).map, 0);
  }
}

TEST_CASE("patchcore gives what scikit-learn's neighbours give, for the last step and for all", "[iuf][baselines]") {
  Settings settings = small();
  check_method("patchcore", settings, "patchcore.step");
  set(settings, "memory", "all");
  check_method("patchcore", settings, "patchcore.all");
}

// What folds tell of a step's images. Every image of the step is in one, two of the first object in the same.
namespace {

struct Told {
  StepData data;
  std::vector<Judgement> unseen;  // of data.images
};

Told told_by(const std::string& name, const Settings& settings, const TensorFile& file) {
  Told told{.data = step_of(file, 0, 0, 2), .unseen = {}};
  std::vector<TrainingImage>& images = told.data.images;
  std::vector<int64_t> next(2);
  for (TrainingImage& image : images) image.fold = next[static_cast<size_t>(image.object)]++;
  images[1].fold = 0;
  for (TrainingImage& image : images)
    if (image.object == 0 && image.fold > 1) --image.fold;
  told.unseen.resize(images.size());
  const auto number = [&](const TrainingImage& image) {
    return std::ranges::find_if(
               images, [&](const TrainingImage& i) { return i.object == image.object && i.file == image.file; }) -
           images.begin();
  };
  make(name, settings)->learn(told.data, {.unseen = [&](const TrainingImage& image, const Judgement& j) {
                                told.unseen[static_cast<size_t>(number(image))] = j;
                              }});
  return told;
}

// Judged by a method that has learned the step without the image's fold.
Judgement refitted(const std::string& name, const Settings& settings, const Told& told, const TrainingImage& image) {
  StepData others = told.data;
  std::erase_if(others.images,
                [&](const TrainingImage& i) { return i.object == image.object && i.fold == image.fold; });
  for (TrainingImage& i : others.images) i.fold = -1;
  const std::unique_ptr<Method> method = make(name, settings);
  method->learn(others, {});
  return method->judge_normal(told.data.load(image, {}), image.object);
}

// The scale of a map is that of all images; what is left is the same.
Tensor standardised(const Tensor& map) {
  ScoreScaleFit scale;
  scale.add(map);
  return scale.finish()(map);
}

}  // namespace

TEST_CASE("what folds tell is what a method tells that has not learned from these images", "[iuf][baselines][folds]") {
  const TensorFile file = golden("parts/baselines");
  for (const std::string name : {"gaussian", "padim"}) {  // coreset and patchcore choose other features then
    Settings settings = small();
    const Told told = told_by(name, settings, file);
    for (size_t i = 0; i < told.unseen.size(); ++i) {
      const TrainingImage& image = told.data.images[i];
      CAPTURE(name, image.object, image.file);
      const Judgement expected = refitted(name, settings, told, image);
      CHECK(told.unseen[i].object == image.object);
      check_close("map", standardised(told.unseen[i].map), standardised(expected.map), 1e-3);
      if (name == "padim") CHECK(told.unseen[i].score == Approx(expected.score).epsilon(1e-3));
    }
  }
}
