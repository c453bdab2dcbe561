#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "iuf/checks/picture_uses.h"

// Copies of one photograph that are mirrored, turned by quarters, or made lighter or darker.
namespace iuf {

/// An image that was looked at.
struct SeenPicture {
  std::filesystem::path file = {};
  std::vector<float> view = {};  // empty: it could not be read
};

/// For each picture the first one that shows the same photograph, which may be itself. The views of both, one in one of
/// the eight symmetries and in another light, must be the same, and so must be all pixels but for compression, the
/// camera's noise with them (differ_by_compression): different parts of one shape are no copies. What is nearly flat is
/// its own. Reads the files of pairs whose views are the same, of 16 bits in the window.
std::vector<size_t> first_of_photograph(const std::vector<SeenPicture>& pictures, const ValueWindow& window);

/// The same of files. Where fewer than 3 of 32 are copies, and beyond 1000 files, none is looked for.
std::vector<size_t> photographs_of(const std::vector<std::filesystem::path>& files, const ValueWindow& window);

/// How many of the images to learn from that were looked at are such copies of others, and of how many photographs all
/// are; how many normal test images are such copies of images to learn from; the same among the normal and among the
/// defective test images. Sentences; empty for less than 3 of each.
std::string turned_copies(const std::vector<PictureUse>& uses);

}  // namespace iuf
