#pragma once

#include <string>
#include <vector>

#include "iuf/data/dataset.h"

namespace iuf {

/// Throws Error for normal images of one object whose names, or what they lead to as links, say that they are defects
/// or were sorted out: the first, its word, and how many more. A word that stands at the same place in the names of all
/// images, normal ones to learn from and to test and defects alike, tells nothing; a remark says so.
void refuse_called_defects(const std::vector<Sample>& samples, const std::string& object,
                           std::vector<std::string>& remarks);
/// The same of what a list says: of an image whose label is normal, the name of its file or of the folder that it lies
/// in. `where`: its row. Those that are `checked` are believed.
void refuse_listed_defects(const std::vector<Sample>& samples, const std::vector<std::string>& where,
                           const std::vector<bool>& checked);

}  // namespace iuf
