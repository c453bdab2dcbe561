#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/roles.h"

// What the names further up, and those behind links, say of images.
namespace iuf {

/// What a link leads to, and what that says: normal, defect or mask; none for no link and for names without a word.
struct LinkRole {
  FolderRole role = FolderRole::none;
  std::string name = {};  // that says so
};
/// Of a file or a folder: the names of all that the link leads to, as far as they are not those above the link itself;
/// the innermost that says something decides.
LinkRole link_role(const std::filesystem::path& path);
/// Throws Error for a link whose target says another thing than `place`, such as "normal images".
void refuse_link(const std::filesystem::path& path, FolderRole wrong, const std::string& place);

/// Throws Error for a folder whose images no sub-folder calls normal, where a name says that they are not: among the
/// first `names` that are more than a number or a session, any; further up, words for a result ("NG") and folders that
/// lie beside ones for normal or training images. Both the path as given and the one without links are looked at, up
/// to a home folder or a name for normal images.
void refuse_by_name(const std::filesystem::path& folder, int names);

}  // namespace iuf
