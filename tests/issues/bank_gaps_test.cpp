// The scores that thresholds are made of came from banks with gaps: where a fold was left out, nothing took the place
// of its features, so that what the fold alone had been chosen for was far from everything.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/learn/method.h"
#include "tensor/random.h"

namespace iuf {
namespace {

constexpr int64_t kImages = 6, kPositions = 16, kChannels = 5;

// Every position shows the same in all images, but for a little noise, and is at least 5 away from all other positions.
ImageFeatures normal_image(uint64_t seed) {
  ImageFeatures f;
  f.local = Tensor({kPositions, kChannels});
  fill_normal(f.local, 0, real(0.01), seed);
  for (int64_t p = 0; p < kPositions; ++p) f.local.data()[p * kChannels + p % kChannels] += static_cast<real>(10 + p);
  return f;
}

// One position is halfway to another.
ImageFeatures odd_image() {
  ImageFeatures f = normal_image(kImages);
  f.local.data()[0] = real(12.5);
  return f;
}

void check_scores(const std::string& name, const std::string& size, const nlohmann::json& value) {
  INFO(name);
  Settings settings;
  settings.image_size = 32;
  method_info(name).defaults(settings);
  set(settings, size, value);
  StepData data{.names = {"line"}};
  for (int64_t i = 0; i < kImages; ++i)
    data.images.push_back({.file = std::to_string(i), .hash = static_cast<uint64_t>(i), .fold = i});
  data.load = [](const TrainingImage& image, Parts) { return normal_image(image.hash); };
  std::vector<double> scores;
  StepContext context;
  context.unseen = [&](const TrainingImage&, const Judgement& j) { scores.push_back(j.score); };
  const std::unique_ptr<Method> method = method_info(name).make(settings, backbone_info("efficientnet_lite0"));
  method->learn(data, context);
  REQUIRE(scores.size() == kImages);
  CHECK(std::ranges::max(scores) < method->judge(odd_image()).score);
}

}  // namespace

TEST_CASE("images are judged without their fold by a bank that has no gaps", "[issues]") {
  check_scores("patchcore", "patchcore-share", 1.0 / kImages);
  check_scores("coreset", "bank-size", kPositions);
}

}  // namespace iuf
