#include <catch2/catch.hpp>

#include "iuf/run/data_check.h"
#include "support/dice.h"
#include "support/small_cache.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

Image frame(uint8_t level, int noise) {
  Image image = blank_image(40, 30, 3);
  Dice dice(level);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(level + (noise > 0 ? dice.below(noise) : 0));
  return image;
}

}  // namespace

TEST_CASE("frames of a closed lens may be test images of several products, equal photographs may not",
          "[issues][copies]") {
  const TemporaryFolder folder;
  write_png(folder / "black.png", frame(0, 0));
  write_png(folder / "black again.png", frame(0, 0));
  write_png(folder / "part.png", frame(40, 100));
  write_png(folder / "part again.png", frame(40, 100));
  const auto sample = [&](const char* file, const char* object, bool train) {
    return Sample{.file = folder / file, .object = object, .train = train, .defect = !train, .label_name = "kind"};
  };
  const SmallCache small(folder / "cache");
  Dataset data{.objects = {"nut", "bolt"},
               .samples = {sample("black.png", "nut", false), sample("black again.png", "bolt", false)}};
  CHECK_NOTHROW(check_images(data, data.objects, small.cache, {}));
  data.samples = {sample("part.png", "nut", true), sample("part again.png", "bolt", true)};
  CHECK_THROWS_WITH(check_images(data, data.objects, small.cache, {}),
                    Contains("the same photograph") && Contains("'nut'") && Contains("'bolt'"));
}
