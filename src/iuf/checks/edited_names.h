#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "iuf/data/dataset.h"

namespace iuf {

/// The stem of the photograph that a phone or a program has edited, by its name, in lower case: "img_1000" of
/// "IMG_E1000", "7" of "7-edited", "7_bearbeitet (2)", "7 (edited)", "7_cropped", "7~2", "7_HDR"; empty for other
/// stems.
std::string edited_from(std::string_view stem);

/// Of one object, what names say of edited copies: how many images are called so of others of the object, in whichever
/// folders, and how many normal test images are called as other versions of photographs to learn from; a sentence each.
/// Where a folder has the photograph itself, its edited copy is of that one; names that come again among the tests are
/// numbered anew and say nothing.
std::vector<std::string> edited_copies(const Dataset& data, const std::string& object);

}  // namespace iuf
