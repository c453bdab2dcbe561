// Under a warm lamp every good part was a false alarm, and the only way out was to learn the product a second time.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "iuf/run/judged_image.h"
#include "iuf/run/update_object.h"
#include "iuf/synthetic/data_set.h"
#include "support/small_model.h"

using namespace iuf;

namespace {

Image good_part_under_warm_lamp(uint64_t number) {
  Image image = render_synthetic("gear", "good", 7, number, 64).image;
  constexpr double kLamp[] = {1.15, 1, 0.75};
  for (size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<uint8_t>(std::min(255.0, image.pixels[i] * kLamp[i % 3]));
  return image;
}

size_t alarms(const Model& model, uint64_t from, uint64_t to) {
  size_t count = 0;
  for (uint64_t i = from; i < to; ++i) {
    Prediction said;
    judge_image(model, good_part_under_warm_lamp(i), model.expected_object("gear"), said);
    count += said.flagged();
  }
  return count;
}

}  // namespace

TEST_CASE("good parts under another lamp are alarms until an update has learned some", "[issues]") {
  for (const char* method : {"gaussian", "iuf"}) {
    CAPTURE(method);
    const SmallModel small(method);
    const std::filesystem::path file = small.folder / "model.safetensors", lot = small.folder / "lot";
    small.model->save(file.string());
    std::filesystem::create_directories(lot);
    for (uint64_t i = 0; i < 10; ++i) write_png(lot / (std::to_string(i) + ".png"), good_part_under_warm_lamp(i));
    CHECK(alarms(*small.model, 10, 20) == 10);
    UpdateOptions options;
    options.model = file;
    options.folder = lot;
    options.object = "gear";
    options.trust = Trust::caller;
    CHECK(update_object(options, {}).learned);
    const Model updated = Model::load(file.string());
    CHECK(alarms(updated, 10, 20) <= 1);
    CHECK(updated.objects().size() == 2);  // no second name
  }
}
