#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "apps/settings_flags.h"
#include "iuf/learn/method.h"

// The example of docs/extending.md, which CMake cuts out of the page, compiles and adds to the registry.

using namespace iuf;
using Catch::Contains;

namespace {

ImageFeatures image_of(real value, real defect) {
  ImageFeatures f;
  f.local = Tensor::full({16, 3}, value);
  for (const int64_t channel : {1, 2}) f.local.data()[3 * 5 + channel] += defect;
  return f;
}

StepData step_of(int64_t step, real value) {
  StepData data{
      .step = step, .first_object = step, .names = {"object"}, .images = {{"a.png", 1, step}, {"b.png", 2, step}}};
  data.load = [value](const TrainingImage& image, Parts) {
    return image_of(image.hash == 1 ? value - 1 : value + 1, 0);
  };
  return data;
}

}  // namespace

TEST_CASE("the example of the documentation learns, judges, and comes back from a file", "[iuf][extending]") {
  Settings settings;
  settings.image_size = 32;
  const MethodInfo& info = method_info("mean-distance");
  const std::unique_ptr<Method> method = info.make(settings, backbone_info("efficientnet_lite0"));
  method->learn(step_of(0, 4), {});
  method->learn(step_of(1, -20), {});

  SafetensorsWriter writer;
  nlohmann::json meta;
  method->save(writer, meta);
  const std::vector<std::byte> bytes = writer.bytes();
  const std::unique_ptr<Method> copy = info.make(settings, backbone_info("efficientnet_lite0"));
  copy->load(parse_safetensors(bytes, "copy"), meta);
  for (const Method* m : {method.get(), copy.get()}) {
    const Judgement normal = m->judge(image_of(4, 0)), defect = m->judge(image_of(4, 9)),
                    other = m->judge(image_of(-20, 0));
    CHECK(normal.object == 0);
    CHECK(normal.score == Approx(0).margin(1e-5));
    CHECK(defect.object == 0);
    CHECK(defect.score > 0.1);
    CHECK(other.object == 1);
    CHECK(other.score == Approx(0).margin(1e-5));
  }
}

TEST_CASE("a setting in the example's own file is a flag, a key and a rule, and changes the score",
          "[iuf][extending]") {
  const MethodInfo& info = method_info("mean-distance");
  const std::string name = "mean-distance-power";
  CHECK(to_json(Settings()).at(name) == 2);
  CHECK(to_json(settings_from_json({{name, 3}}, {}, "test")).at(name) == 3);

  CLI::App app;
  const SettingsFlags flags(app);
  CHECK_THAT(app.help(), Contains("Mean distance:") && Contains("--" + name) && Contains("from 1 to 8"));
  app.parse("--" + name + " 1", false);
  const Settings given = flags.adjusted({}, info.name);
  CHECK(to_json(given).at(name) == 1);

  CHECK_NOTHROW(check(given));
  Settings wrong;
  set(wrong, name, 0.5);
  CHECK_THROWS_WITH(check(wrong), "setting 'mean-distance-power': from 1 to 8, not 0.5");
  CHECK_THROWS_WITH(set(wrong, name, "two"), Contains(name) && Contains("must be a number"));

  CHECK(reads(info, name));
  CHECK(reads(info, "blur"));
  CHECK_FALSE(reads(info, "pull"));
  CHECK_FALSE(reads(method_info("gaussian"), name));
  CHECK(flags.unread({}, info.name).empty());
  CHECK(flags.unread({}, "gaussian") == std::vector<std::string>{name});

  const auto score = [&](Settings settings) {
    settings.image_size = 32;
    const std::unique_ptr<Method> method = info.make(settings, backbone_info("efficientnet_lite0"));
    method->learn(step_of(0, 4), {});
    return method->judge(image_of(4, 9)).score;
  };
  CHECK(score(given) == Approx(std::sqrt(2) * score({})));  // both channels differ by the same: 2 d and sqrt(2) d
}
