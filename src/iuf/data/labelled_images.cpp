#include "iuf/data/labelled_images.h"

#include <algorithm>
#include <map>
#include <set>

#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"
#include "iuf/image/image_header.h"
#include "iuf/image/mask.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

bool is_called_images(const fs::path& folder) {
  static const std::set<std::string_view> known = {"images", "image", "imgs", "img", "jpegimages", "bilder"};
  const Words words = fine_words_of(folder.filename().string());
  return !words.empty() && (known.contains(words.front()) || known.contains(joined_words(words)));
}

// "labelsTr", "masks_train", "SegmentationClass", "Annotations".
bool is_called_labels(const fs::path& folder) {
  static const std::set<std::string_view> known = {"label", "labels", "lbl",   "seg",  "segs", "ann",
                                                   "anns",  "anno",   "annos", "bbox", "boxes"};
  const std::string name = folder.filename().string();
  const Words words = fine_words_of(name);
  return is_mask_folder_of_images(name) ||
         (!words.empty() && (known.contains(words.front()) || word_meaning(words.front()) == Word::mask));
}

// Folders of labels in the place of one of images: images/train and labels/train, up to this many levels.
std::vector<fs::path> label_folders(const fs::path& folder) {
  constexpr int levels = 3;
  std::vector<fs::path> found;
  fs::path inside;  // from the folder called so
  fs::path at = full_path(folder);
  for (int i = 0; i < levels && at.has_relative_path(); ++i) {
    if (role_of(at.filename().string()) == FolderRole::normal) break;
    if (is_called_images(at))
      for (const fs::path& sub : list_subfolders(at.parent_path()))
        if (sub != at && is_called_labels(sub) && is_folder(sub / inside)) found.push_back(sub / inside);
    inside = inside.empty() ? at.filename() : at.filename() / inside;
    at = at.parent_path();
  }
  return found;
}

// By the names that its mask may have; nnU-Net numbers the channels of an image: case_0000.png has the label case.png.
std::map<std::string, fs::path> images_by_stem(const Folder& folder) {
  constexpr size_t channel = 5;
  std::map<std::string, fs::path> images;
  for (const fs::path& image : folder.files.images) {
    const std::string stem = name_key(image.stem().string());
    images.emplace(stem, image);
    images.emplace(photograph_stem(stem), image);
    if (const std::string_view name = trimmed_number(stem);
        name.size() + channel - 1 == stem.size() && name.size() > 1 && name.ends_with('_'))
      images.emplace(std::string(name.substr(0, name.size() - 1)), image);
  }
  return images;
}

bool marks_something(const fs::path& mask) {
  try {
    const Image image = read_mask(mask).image;
    return std::ranges::any_of(image.pixels, [](uint8_t value) { return value > 0; });
  } catch (const Error&) {  // unreadable, or of several values: it is no empty one
    return true;
  }
}

// Labels of the images in one folder.
class Labels {
 public:
  Labels(const Folder& folder, const fs::path& labels)
      : folder_(folder), labels_(labels), images_(images_by_stem(folder)) {}

  void read(std::vector<std::string>& remarks) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(labels_, error), end; !error && entry != end; entry.increment(error))
      if (is_file(entry->path()) && entry->path().filename().native().front() != '.') files.push_back(entry->path());
    std::ranges::sort(files);
    Count others;
    for (const fs::path& file : files) {
      const fs::path* image = image_of(file);
      if (!image) continue;
      if (!is_picture(file))
        others.add(file);
      else if (marks_something(file))
        fail(image->string(), ": ", file.string(),
             " is its mask by its name and marks something in it, so the images in ", folder_.path.string(),
             " may show defects; put normal ones into a folder good and others into test/KIND, ",
             "or insist (iuf add --normal)");
    }
    if (others.count > 0)
      remarks.push_back(count_text(others, "file", "files") + " in " + escaped(labels_.string()) +
                        " named as these images may say which are defective, not read");
  }

 private:
  const fs::path* image_of(const fs::path& file) const {
    const std::string stem = file.stem().string();
    for (const std::string& name : {name_key(stem), mask_name(stem).stem})
      if (const auto found = images_.find(name); found != images_.end()) return &found->second;
    return nullptr;
  }

  static bool is_picture(const fs::path& file) {
    try {
      return has_image_ending(file) || first_bytes(file).format != ImageHeader::Format::none;
    } catch (const Error&) {
      return has_image_ending(file);
    }
  }

  const Folder& folder_;
  const fs::path& labels_;
  std::map<std::string, fs::path> images_;
};

void look_at(const Folder& folder, std::vector<std::string>& remarks) {
  if (!folder.files.images.empty())
    for (const fs::path& labels : label_folders(folder.path)) Labels(folder, labels).read(remarks);
}

}  // namespace

void refuse_labelled_images(const Folder& folder, std::vector<std::string>& remarks) {
  look_at(folder, remarks);
  for (const Folder& sub : folder.folders)
    if (sub.role() == FolderRole::train) look_at(sub, remarks);
}

}  // namespace iuf
