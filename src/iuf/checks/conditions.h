#pragma once

#include <string>
#include <vector>

#include "iuf/data/dataset.h"

namespace iuf {

/// In a sentence each, as far as they are so:
/// - The object's normal and defective test images hardly have a size (in pixels, however turned) or a format in
///   common, so that another camera, not the defect, may be what figures show. Where sizes differ from image to image,
///   only formats tell.
/// - Or their files were written in other ways (file_habits.h): JPEGs of qualities that do not overlap and differ by 10
///   or more, or hardly any that note the same (gamma, colour profile, Exif).
/// - Test images are of another aspect ratio (outside those of the training images by over 5 %) or, failing that, of
///   another size (the longer side, by over 10 %) than the object's training images, however turned: how many and the
///   first.
/// Reads the beginnings of the files; those that cannot be read are left out.
std::vector<std::string> different_conditions(const Dataset& data, const std::string& object);

}  // namespace iuf
