#include <algorithm>

#include "iuf/data/dataset.h"
#include "iuf/data/layouts.h"
#include "iuf/data/mask_files.h"
#include "iuf/image/image_header.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

// The images of a folder, and what stands among them.
struct Collected {
  std::vector<fs::path> images = {};
  std::vector<Unread> unread = {};
  Others others = {};
  Count masks = {}, derived = {};
  std::vector<std::string> left_out = {};

  void add(const Folder& folder) {
    const Pictures pictures = tell_masks(folder.files.images, Doubtful::photograph);
    images.insert(images.end(), pictures.photographs.begin(), pictures.photographs.end());
    for (const BesideMask& mask : pictures.masks) masks.add(mask.file);
    for (const fs::path& picture : pictures.derived) derived.add(picture);
    unread.insert(unread.end(), folder.files.unread.begin(), folder.files.unread.end());
    others.add(folder.files.others);
    left_out.insert(left_out.end(), folder.left_out.begin(), folder.left_out.end());
    for (const Folder& sub : folder.folders) {
      if (role_among(sub) != FolderRole::mask)
        add(sub);
      else if (sub.images() > 0)
        left_out.push_back(escaped(sub.name()) + " (" + left_out_text(sub, "masks") + ")");
    }
  }

  std::string remark() const {
    std::vector<std::string> parts = left_out;
    if (masks.count > 0)
      parts.push_back(count_text(masks, "mask beside its photograph", "masks beside their photographs"));
    if (derived.count > 0) parts.push_back(derived_text(derived));
    if (!others.empty()) parts.push_back(others.text());
    return joined(parts);
  }
};

}  // namespace

std::vector<fs::path> list_images(const fs::path& file_or_folder, const Problem& problem,
                                  const std::function<void(const std::string& text)>& note) {
  need_existing(file_or_folder);
  if (!is_folder(file_or_folder)) return {file_or_folder};
  Folder folder = read_folders(file_or_folder);
  leave_out_repeats(folder);
  Collected found;
  found.add(folder);
  for (const Unread& unread : found.unread) {
    if (!problem) fail(unread.reason);
    problem(unread.file, unread.reason);
  }
  const std::string remark = found.remark();
  if (found.images.empty() && found.unread.empty())
    fail(file_or_folder.string(), ": no ", formats_read("or"), " images in this folder or below",
         remark.empty() ? "" : ", only " + remark, "; give another one");
  if (note && !remark.empty()) note(escaped(file_or_folder.string()) + ": left out: " + remark);
  std::ranges::sort(found.images);
  return std::move(found.images);
}

}  // namespace iuf
