// Two products under one name, half and half: neither is unlike most of the images, and nothing was said.
#include "iuf/stats/two_kinds.h"

#include <catch2/catch.hpp>

#include "iuf/learn/normal_images.h"
#include "support/object_moments.h"
#include "tensor/random.h"

namespace iuf {
namespace {

// Every `period`-th is of a second kind.
std::vector<Tensor> images(size_t count, size_t period, uint64_t seed, double shift = 4) {
  std::vector<Tensor> all;
  for (size_t i = 0; i < count; ++i) all.push_back(object_moments(seed * 1000 + i, 0.3, i % period == 1 ? shift : 0));
  return all;
}

}  // namespace

TEST_CASE("two kinds of images with a clear gap are told apart", "[issues][two_kinds]") {
  for (const size_t count : {8, 13, 40, 300})
    for (const size_t period : {2, 3}) {
      if (count / period < 4) continue;
      const std::vector<size_t> second = second_kind(images(count, period, count));
      REQUIRE(!second.empty());
      for (const size_t i : second) CHECK((i % period == 1) == (second.front() % period == 1));
      if (count <= 200) CHECK(second.size() == (count + period - 2) / period);
    }
  std::vector<TrainingImage> files;
  for (int i = 0; i < 20; ++i) files.push_back({.file = "IMG_" + std::to_string(i) + ".png"});
  CHECK_THAT(
      kinds_text(files, images(20, 2, 1)),
      Catch::Contains("are of two kinds with a clear gap between, such as IMG_") && Catch::Contains("IMG_1.png"));
}

TEST_CASE("images of one kind are of one", "[issues][two_kinds]") {
  for (const size_t count : {4, 8, 13, 40, 100})
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      CHECK(second_kind(images(count, 2, seed, 0)).empty());
      CHECK(second_kind(images(count, 2, seed, 0.4)).empty());  // other light
    }
  CHECK(second_kind(images(40, 20, 3)).empty());  // two of them are outliers
  CHECK(second_kind(std::vector<Tensor>(20, object_moments(1, 0.3, 0))).empty());
  CHECK(second_kind({}).empty());
  CHECK(kinds_text({}, {}).empty());
}

}  // namespace iuf
