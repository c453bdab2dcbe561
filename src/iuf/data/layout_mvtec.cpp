#include "iuf/data/layouts.h"
#include "iuf/data/listing.h"
#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;

bool is_mvtec_object(const fs::path& folder) {
  return is_folder(folder / "train" / "good") || is_folder(folder / "test" / "good") ||
         (is_folder(folder / "train") && is_folder(folder / "test"));
}

void add_mvtec_object(Samples& samples, const std::string& object, const fs::path& folder) {
  if (is_folder(folder / "train")) {
    const Listing train = list_folder(folder / "train");
    add_good(samples, object, Part::train, readable_images(train));
    for (const fs::path& sub : train.folders) {
      if (sub.filename() != "good") {
        fail(sub.string(), ": training images must be normal, in train/good; move defects to test");
      }
      add_good(samples, object, Part::train, images_in(sub));
    }
  }
  if (!is_folder(folder / "test")) return;
  const Listing test = list_folder(folder / "test");
  if (!readable_images(test).empty()) {
    fail(test.images.front().string(), ": move test images to test/good or test/KIND, which tells what they show");
  }
  for (const fs::path& sub : test.folders) {
    const std::string kind = sub.filename().string();
    if (kind == "good") {
      add_good(samples, object, Part::test, images_in(sub));
    } else {
      add_defects(samples, object, sub, kind, folder / "ground_truth" / kind);
    }
  }
}

}  // namespace iuf
