#include "iuf/data/folder_parts.h"

#include <algorithm>

#include "iuf/data/layouts.h"
#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail_two_objects(const Folder& root, const Folder& inner) {
  const auto cause =
      std::ranges::find_if(root.folders, [](const Folder& f) { return role_among(f) != FolderRole::none; });
  fail(inner.path.string(), ": an object by its sub-folders, but ", root.path.string(), " is one itself, by ",
       cause == root.folders.end() ? "its images" : "the name " + quoted_name(cause->name()) + " of a folder in it",
       "; move one away, or rename the folder");
}

}  // namespace

const Folder* child(const Folder& folder, std::string_view lower_name) {
  const auto found =
      std::ranges::find(folder.folders, lower_name, [](const Folder& f) { return lower_case(f.name()); });
  return found == folder.folders.end() ? nullptr : &*found;
}

bool has_role(const Folder& folder, FolderRole role) {
  return std::ranges::any_of(folder.folders, [&](const Folder& sub) { return sub.role() == role; });
}

const Folder* visa_images(const Folder& folder) {
  const Folder* data = child(folder, "data");
  const Folder* images = data ? child(*data, "images") : nullptr;
  return images && has_role(*images, FolderRole::normal) ? images : nullptr;
}

void fail_ambiguous(const fs::path& one, const fs::path& other, const std::string& what) {
  fail(one.string(), " and ", other.string(), ": ", what);
}

void check_parts(const Folder& root, const Folder* normal, const Folder* train) {
  const Folder own{root.path, root.files, {}, {}};
  const Folder* plain = nullptr;  // a sub-folder of which only its place could tell what it shows
  for (const Folder& sub : root.folders) {
    if (sub.images() == 0) continue;
    if (role_among(sub) == FolderRole::none && has_parts(sub)) fail_two_objects(root, sub);
    if (sub.role() == FolderRole::none || (sub.role() == FolderRole::defect && !plain)) plain = &sub;
  }
  if (normal || train || !plain) return;
  if (own.images() == 0 && !has_role(root, FolderRole::test))
    fail(plain->path.string(), ": no folder beside it says that its images are normal; put those into ",
         (root.path / "good").string());
  if (own.images() > 0 && plain->role() == FolderRole::none)
    fail_ambiguous(own.first(), plain->path,
                   "is the folder normal, a defect or another product? Move normal images to good/");
}

FolderRole role_among(const Folder& folder) {
  const FolderRole role = folder.role();
  if (folder.images() == 0 &&
      (role == FolderRole::mask || role == FolderRole::defect || role == FolderRole::unlabelled))
    return FolderRole::none;
  const bool is_product = role != FolderRole::train && role != FolderRole::test &&
                          (has_role(folder, FolderRole::train) || is_visa_object(folder));
  return is_product ? FolderRole::none : role;
}

bool is_visa_object(const Folder& folder) {
  return visa_images(folder) != nullptr;
}

bool has_parts(const Folder& folder) {
  return is_visa_object(folder) || has_role(folder, FolderRole::normal) || has_role(folder, FolderRole::train) ||
         has_role(folder, FolderRole::test);
}

bool is_object(const Folder& folder) {
  return is_visa_object(folder) || !folder.files.images.empty() || !folder.files.unread.empty() ||
         std::ranges::any_of(folder.folders, [](const Folder& sub) { return role_among(sub) != FolderRole::none; });
}

}  // namespace iuf
