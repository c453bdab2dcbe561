#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "iuf/data/folder_tree.h"

// What the sub-folders of an object's folder are to each other.
namespace iuf {

/// The sub-folder of this name, case aside; nothing without one.
const Folder* child(const Folder& folder, std::string_view lower_name);
bool has_role(const Folder& folder, FolderRole role);
/// Data/Images of VisA's folders; nothing in another layout.
const Folder* visa_images(const Folder& folder);
/// Throws Error naming both.
[[noreturn]] void fail_ambiguous(const std::filesystem::path& one, const std::filesystem::path& other,
                                 const std::string& what);
/// Throws Error where nothing tells what the images of an object's sub-folder show. `normal`, `train`: its sub-folders
/// of these roles, if any.
void check_parts(const Folder& root, const Folder* normal, const Folder* train);

}  // namespace iuf
