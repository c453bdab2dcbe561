#pragma once

#include <string>
#include <vector>

#include "iuf/data/layouts.h"

namespace iuf {

/// Rows of a list that name the same file, of one object and part, become one sample: with the masks of all, as lists
/// have them with a row for each place of a defect, and with the kind of the first. `where` and `checked` are of the
/// rows, and of the samples afterwards. What was united is said in reading.listed.
/// Throws Error naming both rows where one is normal and the other is not, and where one defect has a mask and the
/// other has none.
void unite_rows(Reading& reading, std::vector<std::string>& where, std::vector<bool>& checked);

}  // namespace iuf
