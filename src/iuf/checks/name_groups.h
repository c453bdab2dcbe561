#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"

// Names that belong together: part01_f1, part01_f2, ... are frames of one part, 7_top and 7_side its views.
namespace iuf {

/// A group's number for each file, 0, 1, 2, ... in the order of their first files; a file that is in none has one of
/// its own. Files of one folder are in a group where they differ in further words behind the same name, or in a word
/// before it; the names of at least three groups must agree in these words, at most ten, nearly all of them. What is
/// called as a day, a shift or a camera is no such name. Exports of one image (exported_from) are a group, however few.
std::vector<size_t> name_groups(const std::vector<std::filesystem::path>& files);

/// Of one object, each in a sentence; empty where there is nothing to say.
struct GroupRemarks {
  std::string grouped = {};  // how its images are grouped by name, and how many parts these may be
  /// How many normal test images are called as further frames of what training images show, and the first pair. Nothing
  /// is said where test images are numbered anew, and repeat the names of training images. Or else how many have the
  /// number of a learned part (part_numbers.h).
  std::string frames = {};
  std::string views = {};  // the same as `grouped` of its defective images, of which each counts as a defect
};
GroupRemarks group_remarks(const Dataset& data, const std::string& object);

}  // namespace iuf
