#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/listing.h"
#include "iuf/data/roles.h"

namespace iuf {

/// A folder with all that is below it, to any depth.
struct Folder {
  std::filesystem::path path;
  Listing files;  // its own; its folders are those below
  std::vector<Folder> folders;
  std::vector<std::string> left_out;  // of its own sub-folders, with the reason

  std::string name() const { return path.filename().string(); }
  FolderRole role() const { return role_of(name()); }
  /// With the folders below it: images, and those that cannot be read.
  size_t images() const;
  Others others() const;
  /// The folders below it without a picture, by their paths from it, but not what is in these.
  std::vector<std::string> without_pictures() const;
  /// The first image in it or below; empty without one.
  std::filesystem::path first() const;
};

/// Folders of pictures that are made from photographs (holds_derived_pictures) are left out, but for those that have
/// folders of a data set themselves. Links are followed, but for those to what is read anyway, which are left out. A
/// folder that several lead to stands once below each sub-folder of the root, which may be objects by themselves.
/// Throws Error where there is no such folder; what cannot be read below it stands in the listings.
Folder read_folders(const std::filesystem::path& root);
/// Throws Error for a link that leads nowhere, wherever it lies below: nobody knows how much is missing.
void need_no_dangling_links(const Folder& root);
/// Leaves in the tree once what stands in it several times.
void leave_out_repeats(Folder& root);

}  // namespace iuf
