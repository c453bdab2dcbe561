#include "iuf/run/gallery.h"

#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "nn/file.h"
#include "support/small_model.h"

using namespace iuf;

namespace fs = std::filesystem;

namespace {

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a gallery has every image with a wrong verdict, its regions, and nothing of an earlier one",
          "[run][gallery]") {
  const SmallModel small("gaussian");
  const GalleryOptions options{.folder = small.folder / "gallery", .per_object = 1};
  make_folder(options.folder);
  const std::vector<Sample> samples = read_dataset(small.folder / "data").select("biscuit", Part::test);
  REQUIRE(samples.size() > 3);
  // Judges every image by a score on the wrong side, or on the right one.
  const auto draw = [&](double normal, double defect) {
    GalleryWriter writer(options, *small.model);
    writer.begin_object(0, samples);
    for (size_t i = 0; i < samples.size(); ++i)
      writer.add(i, samples[i],
                 {.object = "biscuit",
                  .file = samples[i].file.string(),
                  .label_name = samples[i].label_name,
                  .defect = samples[i].defect,
                  .score = samples[i].defect ? defect : normal,
                  .threshold = 1},
                 small.model->judge(read_image(samples[i].file)));
    writer.finish();
    return read_gallery({options.folder});
  };
  const Gallery wrong = draw(2, 0.5);
  CHECK(wrong.items.size() == samples.size());
  size_t pictures = 0;
  for (const GalleryItem& item : wrong.items) {
    CHECK((item.width == 64 && item.height == 64));
    CHECK(item.regions.empty() == item.defect);  // the normal ones are above the threshold
    for (const auto& name : {std::optional(item.input), item.heat, item.mask}) {
      pictures += name.has_value();
      if (name) CHECK(read_image(options.folder / *name).width == 64);
    }
  }
  CHECK(files_in(options.folder) == pictures + 1);
  const Gallery right = draw(0.5, 2);
  CHECK(right.items.size() == 1);
  CHECK(files_in(options.folder) <= 4);
}
