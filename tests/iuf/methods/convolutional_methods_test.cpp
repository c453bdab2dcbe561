#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "iuf/learn/method.h"
#include "iuf/synthetic/data_set.h"
#include "support/golden.h"
#include "support/temporary_folder.h"

// The methods that train convolutional networks, on small synthetic images.

using namespace iuf;

namespace {

const char* const kConvolutional[] = {"draem", "cad-cutpaste", "cad-dne", "cad-panda"};

Settings small_convolutional() {
  Settings s;
  s.image_size = 64;
  s.epochs = s.increment_epochs = 3;
  s.batch = 3;
  set(s, "cad-size", 48);
  set(s, "cad-blocks", 2);
  set(s, "draem-size", 32);
  set(s, "draem-width", 2);
  return s;
}

std::unique_ptr<Method> make_convolutional(const std::string& name, Settings settings = small_convolutional()) {
  method_info(name).adjust(settings);
  return method_info(name).make(settings, backbone_info("efficientnet_lite0"));
}

ImageFeatures image_of(const std::string& object, uint64_t index) {
  ImageFeatures f;
  f.pixels = render_synthetic(object, "good", 0, index, 64).image.pixels;
  return f;
}

// Step 0 learns wood, step 1 metal: five images each.
StepData step_of(int64_t step) {
  const std::string name = step ? "metal" : "wood";
  StepData data{.step = step, .first_object = step, .names = {name}};
  for (uint64_t i = 0; i < 5; ++i) data.images.push_back({name, i, step});
  data.load = [](const TrainingImage& image, Parts) { return image_of(image.file, image.hash); };
  return data;
}

std::unique_ptr<Method> reloaded(const Method& method, const std::string& name) {
  SafetensorsWriter writer;
  nlohmann::json meta;
  method.save(writer, meta);
  std::unique_ptr<Method> copy = make_convolutional(name);
  const std::vector<std::byte> bytes = writer.bytes();
  copy->load(parse_safetensors(bytes, "copy"), nlohmann::json::parse(meta.dump()));
  return copy;
}

std::vector<std::byte> bytes_of(const Method& method) {
  SafetensorsWriter writer;
  nlohmann::json meta;
  method.save(writer, meta);
  return writer.bytes();
}

}  // namespace

TEST_CASE("convolutional methods learn step by step, whether or not they are stored in between",
          "[iuf][convolutional]") {
  for (const std::string name : kConvolutional) {
    INFO(name);
    std::unique_ptr<Method> method = make_convolutional(name);
    CHECK_THROWS_WITH(method->judge(image_of("wood", 0)), Catch::Contains("not learned any object"));
    int64_t done = 0, total = 0;
    std::vector<LogEntry> log;
    StepContext context{.log = [&](const std::vector<LogEntry>& entries) { log = entries; },
                        .progress =
                            [&](const std::string& stage, int64_t d, int64_t t) {
                              if (stage == "training") done = d, total = t;
                            }};
    method->learn(step_of(0), context);
    CHECK(done == 6);
    CHECK(total == 6);
    REQUIRE(log.size() == 3);
    CHECK(log.back().iteration == 6);
    CHECK(log.back().loss > 0);
    const std::unique_ptr<Method> stored = reloaded(*method, name);
    method->learn(step_of(1), {});
    stored->learn(step_of(1), {});
    CHECK(bytes_of(*method) == bytes_of(*stored));
    const std::unique_ptr<Method> copy = reloaded(*method, name);
    const Judgement j = method->judge(image_of("metal", 7)), again = copy->judge(image_of("metal", 7));
    CHECK(j.score == again.score);
    CHECK(std::isfinite(j.score));
    CHECK(j.object == 1);
    CHECK(j.confidence == 0);
    CHECK(j.map.defined() == (name == "draem"));
    if (j.map.defined()) {
      CHECK(j.map.shape() == Shape{64, 64});
      CHECK(equal(j.map, again.map));
      for (const real v : j.map.span()) REQUIRE((v >= 0 && v <= 1));
    }
  }
}

TEST_CASE("an interrupted step of a convolutional method is continued bit for bit", "[iuf][convolutional]") {
  const TemporaryFolder folder;
  for (const std::string name : kConvolutional) {
    INFO(name);
    const std::unique_ptr<Method> whole = make_convolutional(name), killed = make_convolutional(name),
                                  next = make_convolutional(name);
    whole->learn(step_of(0), {});
    StepContext context{.state = folder.path() / name, .fingerprint = 5, .checkpoint_seconds = 0};
    struct Killed {};
    context.progress = [](const std::string& stage, int64_t done, int64_t) {
      if (stage == "training" && done == 4) throw Killed();  // amid the second epoch
    };
    CHECK_THROWS_AS(killed->learn(step_of(0), context), Killed);
    REQUIRE(std::filesystem::exists(context.state));
    int64_t first = 0;
    context.progress = [&](const std::string& stage, int64_t done, int64_t) {
      if (stage == "training" && !first) first = done;
    };
    next->learn(step_of(0), context);
    CHECK(first == 3);  // the first epoch was not done again
    CHECK(bytes_of(*next) == bytes_of(*whole));
    const std::unique_ptr<Method> other = make_convolutional(name);  // a state of something else is not taken
    context.fingerprint = 6;
    first = 0;
    other->learn(step_of(0), context);
    CHECK(first == 1);
    CHECK(bytes_of(*other) == bytes_of(*whole));
  }
}

TEST_CASE("what a CAD model keeps is what its header says", "[iuf][convolutional]") {
  const auto tensors = [](const std::string& name, int64_t steps) {
    const std::unique_ptr<Method> method = make_convolutional(name);
    for (int64_t s = 0; s < steps; ++s) method->learn(step_of(s), {});
    const std::vector<std::byte> bytes = bytes_of(*method);
    std::vector<std::string> names = parse_safetensors(bytes, "model").names();
    std::erase_if(names,
                  [](const std::string& n) { return n.starts_with("network._blocks.") || n.starts_with("gaussian."); });
    std::sort(names.begin(), names.end());
    return names;
  };
  using Names = std::vector<std::string>;
  CHECK(tensors("cad-cutpaste", 2) == Names{"network.classifier.bias", "network.classifier.weight"});
  CHECK(tensors("cad-panda", 2) == Names{});
  CHECK(tensors("cad-dne", 2) == Names{"network.classifier.bias", "network.classifier.weight", "step.0.covariance",
                                       "step.0.mean", "step.1.covariance", "step.1.mean"});
}

TEST_CASE("DRAEM pastes from a folder of textures when there is one", "[iuf][convolutional]") {
  const TemporaryFolder folder;
  Settings settings = small_convolutional();
  settings.epochs = 1;
  const auto learned = [&](const std::string& textures) {
    set(settings, "draem-textures", textures);
    const std::unique_ptr<Method> method = make_convolutional("draem", settings);
    method->learn(step_of(0), {});
    return bytes_of(*method);
  };
  CHECK_THROWS_WITH(learned(folder / "none"), Catch::Contains("draem-textures") && Catch::Contains("none"));
  CHECK_THROWS_WITH(learned(folder.path()), Catch::Contains(folder.path().string() + ": no PNG, JPEG"));
  write_png(folder / "a.png", render_synthetic("fabric", "good", 0, 1, 48).image);
  write_png(folder / "b.png", render_synthetic("grid", "good", 0, 1, 40).image);
  const std::vector<std::byte> with = learned(folder.path());
  CHECK(with == learned(folder.path()));
  CHECK(with != learned(""));
}

TEST_CASE("a step of DRAEM that was interrupted begins anew when the textures are others", "[iuf][convolutional]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "textures");
  Settings settings = small_convolutional();
  set(settings, "draem-textures", (folder / "textures").string());
  StepContext context{.state = folder.path() / "state", .fingerprint = 5, .checkpoint_seconds = 0};
  struct Killed {};
  int64_t first = 0;
  const auto learn = [&](bool kill) {
    first = 0;
    context.progress = [&](const std::string& stage, int64_t done, int64_t) {
      if (stage != "training") return;
      if (!first) first = done;
      if (kill && done == 4) throw Killed();  // amid the second epoch
    };
    const std::unique_ptr<Method> method = make_convolutional("draem", settings);
    method->learn(step_of(0), context);
    return bytes_of(*method);
  };
  write_png(folder / "textures/a.png", render_synthetic("fabric", "good", 0, 1, 48).image);
  CHECK_THROWS_AS(learn(true), Killed);
  learn(false);
  CHECK(first == 3);  // the same textures: it goes on
  std::filesystem::remove(context.state);
  CHECK_THROWS_AS(learn(true), Killed);
  write_png(folder / "textures/a.png", render_synthetic("grid", "good", 0, 1, 48).image);
  const std::vector<std::byte> changed = learn(false);
  CHECK(first == 1);
  std::filesystem::remove(context.state);
  CHECK(changed == learn(false));
}
