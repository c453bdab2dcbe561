#include "iuf/data/folder_tree.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Visited = std::set<fs::path>;  // without links

bool first_visit(const fs::path& folder, Visited& visited) {
  std::error_code error;
  const fs::path target = fs::canonical(folder, error);
  return error || visited.insert(target).second;
}

void say_repeat(Folder& folder, const fs::path& sub) {
  folder.left_out.push_back(escaped(sub.string()) + " (leads to a folder that is read already)");
}

// Whether it is a link to what is read below `scope`, which has no links, under its own name. Hidden folders are not.
bool leads_into(const fs::path& scope, const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return false;
  const fs::path target = fs::canonical(path, error);
  if (error) return false;
  const fs::path inside = target.lexically_relative(scope);
  return inside == "." || (!inside.empty() && std::ranges::none_of(inside, [](const fs::path& part) {
           return part.native().front() == '.';
         }));
}

// A folder itself comes before links to it.
bool is_no_link(const fs::path& path) {
  return !fs::is_symlink(path);
}

Folder without_folders(const fs::path& path) {
  Folder folder{.path = path, .files = list_folder(path), .folders = {}, .left_out = {}};
  for (const fs::path& output : folder.files.outputs)
    folder.left_out.push_back(escaped(output.filename().string()) + " (written by a program)");
  std::stable_partition(folder.files.folders.begin(), folder.files.folders.end(), is_no_link);
  return folder;
}

// A product may be called "results", too.
bool is_derived(const Folder& folder) {
  const auto has_role = [](const Folder& sub) {
    const FolderRole role = sub.role();
    return role == FolderRole::normal || role == FolderRole::train || role == FolderRole::test ||
           lower_case(sub.name()) == "data";
  };
  return holds_derived_pictures(folder.name()) && folder.images() > 0 && std::ranges::none_of(folder.folders, has_role);
}

void add_folder(Folder& folder, Folder sub) {
  if (!is_derived(sub)) {
    folder.folders.push_back(std::move(sub));
    return;
  }
  const size_t count = sub.images();
  folder.left_out.push_back(escaped(sub.name()) + " (" + std::to_string(count) +
                            (count == 1 ? " picture" : " pictures") + ", by its name made from photographs)");
}

Folder read(const fs::path& path, const fs::path& scope, Visited& visited) {
  Folder folder = without_folders(path);
  for (const fs::path& sub : std::exchange(folder.files.folders, {})) {
    if (!leads_into(scope, sub) && first_visit(sub, visited))
      add_folder(folder, read(sub, scope, visited));
    else
      say_repeat(folder, sub);
  }
  std::ranges::sort(folder.folders, {}, &Folder::path);
  return folder;
}

void leave_out_repeats(Folder& folder, const fs::path& scope, Visited& visited) {
  std::stable_partition(folder.folders.begin(), folder.folders.end(),
                        [](const Folder& sub) { return is_no_link(sub.path); });
  std::vector<Folder> kept;
  for (Folder& sub : folder.folders) {
    if (!leads_into(scope, sub.path) && first_visit(sub.path, visited)) {
      leave_out_repeats(sub, scope, visited);
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

Others Folder::others() const {
  Others count = files.others;
  for (const Folder& folder : folders) count.add(folder.others());
  return count;
}

std::vector<std::string> Folder::without_pictures() const {
  std::vector<std::string> names;
  for (const Folder& folder : folders) {
    const std::string name = escaped(folder.name());
    if (folder.images() == 0) names.push_back(name);
    for (const std::string& below : folder.images() > 0 ? folder.without_pictures() : std::vector<std::string>())
      names.push_back(name + "/" + below);
  }
  return names;
}

fs::path Folder::first() const {
  if (!files.images.empty()) return files.images.front();
  if (!files.unread.empty()) return files.unread.front().file;
  for (const Folder& folder : folders)
    if (fs::path found = folder.first(); !found.empty()) return found;
  return {};
}

Folder read_folders(const fs::path& root) {
  const fs::path full = full_path(root);
  Folder folder = without_folders(root);
  for (const fs::path& sub : std::exchange(folder.files.folders, {})) {
    Visited visited = {full};
    if (first_visit(sub, visited))
      add_folder(folder, read(sub, full_path(sub), visited));
    else
      say_repeat(folder, sub);
  }
  std::ranges::sort(folder.folders, {}, &Folder::path);
  return folder;
}

void need_no_dangling_links(const Folder& root) {
  for (const Unread& unread : root.files.unread)
    if (unread.dangling) fail(unread.reason);
  for (const Folder& folder : root.folders) need_no_dangling_links(folder);
}

void leave_out_repeats(Folder& root) {
  const fs::path scope = full_path(root.path);
  Visited visited = {scope};
  leave_out_repeats(root, scope, visited);
}

}  // namespace iuf
