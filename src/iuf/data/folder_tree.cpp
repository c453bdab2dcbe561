#include "iuf/data/folder_tree.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Visited = std::set<fs::path>;  // without links

bool first_visit(const fs::path& folder, Visited& visited) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  return error || visited.insert(real).second;
}

void say_repeat(Folder& folder, const fs::path& sub) {
  folder.left_out.push_back(escaped(sub.filename().string()) + " (leads to a folder that is read already)");
}

// A folder itself comes before links to it.
bool is_no_link(const fs::path& path) {
  return !fs::is_symlink(path);
}

Folder without_folders(const fs::path& path) {
  Folder folder{.path = path, .files = list_folder(path), .folders = {}, .left_out = {}};
  for (const fs::path& output : folder.files.outputs)
    folder.left_out.push_back(escaped(output.filename().string()) + " (written by a program)");
  std::ranges::stable_partition(folder.files.folders, is_no_link);
  return folder;
}

Folder read(const fs::path& path, Visited& visited) {
  Folder folder = without_folders(path);
  for (const fs::path& sub : std::exchange(folder.files.folders, {})) {
    if (first_visit(sub, visited))
      folder.folders.push_back(read(sub, visited));
    else
      say_repeat(folder, sub);
  }
  std::ranges::sort(folder.folders, {}, &Folder::path);
  return folder;
}

void leave_out_repeats(Folder& folder, Visited& visited) {
  std::ranges::stable_partition(folder.folders, is_no_link, &Folder::path);
  std::vector<Folder> kept;
  for (Folder& sub : folder.folders) {
    if (first_visit(sub.path, visited)) {
      leave_out_repeats(sub, visited);
      kept.push_back(std::move(sub));
    } else {
      say_repeat(folder, sub.path);
    }
  }
  folder.folders = std::move(kept);
  std::ranges::sort(folder.folders, {}, &Folder::path);
}

}  // namespace

size_t Folder::images() const {
  size_t count = files.images.size() + files.unread.size();
  for (const Folder& folder : folders) count += folder.images();
  return count;
}

Count Folder::others() const {
  Count count = files.others;
  for (const Folder& folder : folders) count.add(folder.others());
  return count;
}

fs::path Folder::first() const {
  if (!files.images.empty()) return files.images.front();
  if (!files.unread.empty()) return files.unread.front().file;
  for (const Folder& folder : folders)
    if (fs::path found = folder.first(); !found.empty()) return found;
  return {};
}

Folder read_folders(const fs::path& root) {
  const fs::path real = full_path(root);
  Folder folder = without_folders(root);
  for (const fs::path& sub : std::exchange(folder.files.folders, {})) {
    Visited visited = {real};
    if (first_visit(sub, visited))
      folder.folders.push_back(read(sub, visited));
    else
      say_repeat(folder, sub);
  }
  std::ranges::sort(folder.folders, {}, &Folder::path);
  return folder;
}

void leave_out_repeats(Folder& root) {
  Visited visited = {full_path(root.path)};
  leave_out_repeats(root, visited);
}

}  // namespace iuf
