#include "iuf/data/path_names.h"

#include <algorithm>

#include "iuf/data/listing.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Names = std::vector<std::string>;

// Of `to`, without those that it has in common with `from`.
void add_names(const fs::path& from, const fs::path& to, Names& names) {
  auto [at_from, at_to] = std::mismatch(from.begin(), from.end(), to.begin(), to.end());
  for (; at_to != to.end(); ++at_to) names.push_back(at_to->string());
}

// Outermost first, of each link of a chain and at last of what is there.
Names names_behind(const fs::path& path) {
  constexpr int most_links = 40;
  Names names;
  std::error_code error;
  fs::path at = fs::absolute(path).lexically_normal();
  for (int i = 0; i < most_links && fs::is_symlink(fs::symlink_status(at, error)); ++i) {
    const fs::path target = fs::read_symlink(at, error);
    if (error) break;
    const fs::path next = (at.parent_path() / target).lexically_normal();
    add_names(at.parent_path(), next, names);
    at = next;
  }
  if (const fs::path target = fs::canonical(path, error); !names.empty() && !error)
    add_names(fs::canonical(path.has_parent_path() ? path.parent_path() : ".", error), target, names);
  return names;
}

// Of a folder that a link leads to or through. Of those further up, only words for a result count: a whole project may
// be called "anomaly_detection".
FolderRole role_behind(const std::string& name, int level, bool is_image) {
  const FolderRole role = role_of(name);
  if (role == FolderRole::normal || (level > 1 && (role != FolderRole::defect || !is_verdict(name))))
    return role == FolderRole::normal ? role : FolderRole::none;
  if (role == FolderRole::defect || role == FolderRole::mask) return role;
  const bool hinted = hinted_role(name) == FolderRole::defect;
  const bool bad = is_sorted_out(name, Weak::ignored) || (hinted && is_verdict(name)) ||
                   (level == 0 && !is_image && (hinted || says_sorted_out(name)));
  return role == FolderRole::none && bad ? FolderRole::defect : FolderRole::none;
}

std::string shows(FolderRole role) {
  return role == FolderRole::mask                                     ? "masks"
         : role == FolderRole::test || role == FolderRole::unlabelled ? "for testing"
         : role == FolderRole::normal                                 ? "normal"
                                                                      : "defects or sorted out";
}

// As in a data set: beside folders for normal images or for training.
bool lies_beside_normal(const fs::path& folder) {
  return std::ranges::any_of(list_subfolders(folder.parent_path()), [&](const fs::path& sub) {
    const FolderRole role = role_of(sub.filename().string());
    return sub != folder && (role == FolderRole::normal || role == FolderRole::train);
  });
}

bool is_above_home(const fs::path& folder) {
  const std::string above = lower_case(folder.parent_path().filename().string());
  return above == "home" || above == "users";
}

// Roles tell more than words such as "crack" and "trash" do, and come first.
enum class Look { roles, sorted_out };

// What the name of a folder `level` names further up says against learning.
FolderRole refused_role(const fs::path& where, int level, int names, Look look) {
  const std::string name = where.filename().string();
  if (look == Look::sorted_out) {
    const bool is = level < names && is_sorted_out(name, level == 0 ? Weak::counts : Weak::ignored);
    return is ? FolderRole::defect : FolderRole::none;
  }
  const FolderRole role = role_of(name);
  if (level < names)
    return role == FolderRole::none && hinted_role(name) == FolderRole::defect ? FolderRole::defect : role;
  return (role == FolderRole::defect && is_verdict(name)) || (role != FolderRole::none && lies_beside_normal(where))
             ? role
             : FolderRole::none;
}

void refuse_path(const fs::path& folder, fs::path where, int names, Look look) {
  if (!where.has_filename()) where = where.parent_path();
  for (int level = 0; where.has_relative_path() && !is_above_home(where); where = where.parent_path()) {
    const std::string name = where.filename().string();
    const FolderRole own = role_of(name);
    if (own == FolderRole::normal || own == FolderRole::train) return;
    if (const FolderRole role = refused_role(where, level, names, look); role != FolderRole::none)
      fail(folder.string(), ": the name ", quoted_name(name), " says that these are ", shows(role),
           "; what is learned must be normal: put normal images into a folder good, or insist (iuf add --normal)");
    level += !is_session(name);
  }
}

}  // namespace

LinkRole link_role(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return {};
  Names names = names_behind(path);
  const bool is_image = !is_folder(path);
  std::ranges::reverse(names);
  int level = 0;
  for (const std::string& name : names) {
    if (is_image && (fs::path(name).has_extension() || name == names.front())) {
      if (!defect_words(fs::path(name).stem().string(), "").empty()) return {FolderRole::defect, name};
      continue;
    }
    if (const FolderRole role = role_behind(name, level, is_image); role != FolderRole::none) return {role, name};
    level += !is_session(name);
  }
  return {};
}

void refuse_link(const fs::path& path, FolderRole wrong, const std::string& place) {
  const LinkRole link = link_role(path);
  if (link.role != wrong) return;
  fail(path.string(), ": by its place ", place, ", but the link leads to ", quoted_name(link.name), ", by its name ",
       shows(link.role), "; remove the link or rename what it leads to");
}

void refuse_by_name(const fs::path& folder, int names) {
  const fs::path given = fs::absolute(folder).lexically_normal(), target = full_path(folder);
  for (const Look look : {Look::roles, Look::sorted_out})
    for (const fs::path& path : {given, target}) refuse_path(folder, path, names, look);
}

}  // namespace iuf
