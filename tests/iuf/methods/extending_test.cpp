#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/learn/method.h"

// The example of docs/extending.md, which CMake cuts out of the page and compiles.

using namespace iuf;

namespace iuf::methods {
MethodInfo mean_distance();
}

namespace {

ImageFeatures image_of(real value, real defect) {
  ImageFeatures f;
  f.local = Tensor::full({16, 3}, value);
  f.local.data()[3 * 5 + 1] += defect;
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
  const MethodInfo info = methods::mean_distance();
  CHECK(info.name == "mean-distance");
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
