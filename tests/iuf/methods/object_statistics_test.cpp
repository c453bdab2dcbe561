#include "iuf/methods/object_statistics.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/methods/reconstruction_score.h"
#include "support/golden.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

constexpr size_t kObserved = 50;  // more than are observed at once

Observation observation(size_t image) {
  Observation seen{.feature = Tensor({6, 3}), .residual = Tensor({6, 3}), .local = Tensor({9, 2})};
  fill_normal(seen.feature, 1, 1, 3 * image);
  fill_normal(seen.residual, 0, 2, 3 * image + 1);
  fill_normal(seen.local, -1, 1, 3 * image + 2);
  seen.outputs = {{"layer", Tensor::full({1, 6, 4}, static_cast<real>(image))}};
  return seen;
}

Settings judged_by(LocalKind local) {
  Settings settings;
  settings.local = local;
  settings.views = "coarse";
  settings.image_size = 24;  // whose local features are 3 x 3
  return settings;
}

ObjectStatistics fitted(LocalKind local = LocalKind::gaussian) {
  return fit_statistics({.images = kObserved,
                         .channels = 3,
                         .local_channels = 2,
                         .observe = observation,
                         .load =
                             [](size_t image) {
                               ImageFeatures features;
                               features.local = observation(image).local;
                               return features;
                             },
                         .first_time = [](const Observation&) {},
                         .progress = [] {}},
                        judged_by(local), backbone_info("efficientnet_lite0"));
}

}  // namespace

TEST_CASE("every image is observed twice, and told once, in order", "[iuf][methods]") {
  std::atomic<int> observed = 0, progress = 0;
  std::vector<real> told;
  fit_statistics({.images = kObserved,
                  .channels = 3,
                  .local_channels = 2,
                  .observe =
                      [&](size_t image) {
                        ++observed;
                        return observation(image);
                      },
                  .first_time = [&](const Observation& seen) { told.push_back(seen.outputs.at(0).second.data()[0]); },
                  .progress = [&] { ++progress; }},
                 judged_by(LocalKind::gaussian), backbone_info("efficientnet_lite0"));
  CHECK(observed == 2 * static_cast<int>(kObserved));
  CHECK(progress == 2 * static_cast<int>(kObserved));
  REQUIRE(told.size() == kObserved);
  for (size_t i = 0; i < kObserved; ++i) CHECK(told[i] == static_cast<real>(i));
}

TEST_CASE("the distances of the images that were fitted have mean 0 and deviation 1 on their scales",
          "[iuf][methods]") {
  const ObjectStatistics object = fitted();
  double sum = 0, squares = 0, count = 0;
  for (size_t i = 0; i < kObserved; ++i) {
    const Tensor scaled = object.residual_scale(object.residual.distance(observation(i).residual));
    for (real v : scaled.span()) {
      sum += static_cast<double>(v);
      squares += static_cast<double>(v) * static_cast<double>(v);
      ++count;
    }
  }
  CHECK(std::abs(sum / count) < 1e-4);
  CHECK(squares / count == Approx(1).epsilon(1e-4));
}

TEST_CASE("statistics do not depend on the number of threads and survive a file, bit for bit", "[iuf][methods]") {
  const auto bytes = [](const ObjectStatistics& object) {
    SafetensorsWriter writer;
    object.save(writer, "o.");
    return writer.bytes();
  };
  for (const LocalKind local : {LocalKind::gaussian, LocalKind::surroundings}) {
    const int threads = thread_count();
    const std::vector<std::byte> many = bytes(fitted(local));
    set_thread_count(1);
    const ObjectStatistics alone = fitted(local);
    set_thread_count(threads);
    CHECK(bytes(alone) == many);
    const auto held = std::make_shared<std::vector<std::byte>>(many);
    CHECK(bytes(ObjectStatistics::load(parse_safetensors(*held, "stored", held), "o.", judged_by(local),
                                       alone.scales())) == many);
  }
}

TEST_CASE("the classifier names the object where the settings say so or an object has no statistics",
          "[iuf][methods]") {
  const Tensor feature = observation(0).feature;
  const Tensor logits({1, 2}, std::vector<real>{0, 5});
  ObjectStatistics other = fitted();
  for (real& v : other.feature.mean.span()) v += 100;
  std::vector<ObjectStatistics> objects = {fitted(), other};
  Settings s;
  s.object = ObjectChoice::best_fit;
  CHECK(std::get<0>(recognise(s, objects, feature, logits)) == 0);
  s.object = ObjectChoice::classifier;
  CHECK(std::get<0>(recognise(s, objects, feature, logits)) == 1);
  CHECK(std::get<0>(recognise(s, objects, feature, Tensor())) == 0);
  s.object = ObjectChoice::best_fit;
  objects[0] = {};
  CHECK(std::get<0>(recognise(s, objects, feature, logits)) == 1);
  CHECK(recognise(s, objects, feature, Tensor()) == std::tuple(int64_t{0}, 0.0, std::optional<int64_t>()));
}

TEST_CASE("an expected object is named whatever fits better, which is told", "[iuf][methods]") {
  const Tensor feature = observation(0).feature;
  ObjectStatistics other = fitted();
  for (real& v : other.feature.mean.span()) v += 10;
  const std::vector<ObjectStatistics> objects = {fitted(), other};
  Settings s;
  s.object = ObjectChoice::best_fit;
  const auto [best, sure, none] = recognise(s, objects, feature, Tensor());
  CHECK(best == 0);
  CHECK_FALSE(none);
  CHECK(recognise(s, objects, feature, Tensor(), 0) == std::tuple(best, sure, none));
  const auto [named, share, better] = recognise(s, objects, feature, Tensor(), 1);
  CHECK(named == 1);
  CHECK(better == 0);
  CHECK(share == Approx(1 - sure).margin(1e-12));
}
