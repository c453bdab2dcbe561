#include "iuf/run/ignore_masks.h"

#include <algorithm>

#include "iuf/data/listing.h"
#include "iuf/run/run_description.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

// Files of a folder that are not hidden, by their names without the ending.
std::map<std::string, fs::path> files_of(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") || !entry.is_regular_file()) continue;
    const auto [other, is_new] = files.try_emplace(entry.path().stem().string(), entry.path());
    if (!is_new)
      fail(plain_text(folder.string()), ": ", plain_text(other->second.filename().string()), " and ", plain_text(name),
           " are both the mask of one object; keep one of them");
  }
  return files;
}

void require_there(const fs::path& given) {
  std::error_code error;
  if (!fs::exists(given, error))
    fail(plain_text(given.string()),
         ": no such mask or folder of masks; --ignore takes an image, or a folder of one for each object, OBJECT.png");
}

}  // namespace

std::map<std::string, IgnoreMask> read_ignore_masks(const fs::path& given, const std::vector<std::string>& objects) {
  require_there(given);
  std::map<std::string, IgnoreMask> masks;
  if (!fs::is_directory(given)) {
    const IgnoreMask mask = IgnoreMask::read(given);
    for (const std::string& object : objects) masks.emplace(object, mask);
    return masks;
  }
  for (const auto& [name, file] : files_of(given)) {
    if (std::ranges::find(objects, name) == objects.end())
      fail(plain_text(file.string()), ": a mask of what to ignore is called as its object; '", plain_text(name),
           "' is none", suggestion(name, objects), "; there are: ", joined(objects));
    masks.emplace(name, IgnoreMask::read(file));
  }
  if (masks.empty())
    fail(plain_text(given.string()), ": holds no mask of what to ignore: one for each object is called OBJECT.png");
  return masks;
}

std::optional<IgnoreMask> read_ignore_mask(const std::optional<fs::path>& given, const std::string& object) {
  if (!given) return std::nullopt;
  require_there(*given);
  if (!fs::is_directory(*given)) return IgnoreMask::read(*given);
  const std::map<std::string, fs::path> files = files_of(*given);
  const auto own = files.find(object);
  if (own == files.end())
    fail(plain_text(given->string()), ": holds no mask that is called '", plain_text(object),
         ".png': name the file itself, or leave out --ignore");
  return IgnoreMask::read(own->second);
}

void require_masks_fit(const std::map<std::string, IgnoreMask>& masks, const Dataset& data, const FeatureCache& cache,
                       const Progress& progress) {
  for (const auto& [object, mask] : masks) {
    const std::vector<std::string> files = normal_images(data, object);
    const std::vector<ImageFacts> facts = cache.read(files, "reading " + object, progress);
    for (size_t i = 0; i < files.size(); ++i) mask.require_fit(plain_text(files[i]), facts[i].width, facts[i].height);
  }
}

}  // namespace iuf
