#include "iuf/data/layouts.h"
#include "iuf/data/listing.h"

namespace iuf {
namespace fs = std::filesystem;

bool is_plain_object(const fs::path& folder) {
  const Listing listing = list_folder(folder);
  return !listing.images.empty() || !listing.others.empty() || is_folder(folder / "good");
}

void add_plain_object(Samples& samples, const std::string& object, const fs::path& folder) {
  const Listing listing = list_folder(folder);
  add_good(samples, object, Part::train, readable_images(listing));
  for (const fs::path& sub : listing.folders) {
    const std::string kind = sub.filename().string();
    if (kind == "good") {
      add_good(samples, object, Part::train, images_in(sub));
    } else if (kind != "ground_truth") {
      add_defects(samples, object, sub, kind, folder / "ground_truth" / kind);
    }
  }
}

}  // namespace iuf
