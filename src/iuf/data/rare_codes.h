#pragma once

#include <string>
#include <vector>

#include "iuf/data/dataset.h"

namespace iuf {

/// Codes of errors in names: letters and digits at one place in the names of all normal images of a folder, at least 8,
/// of which one code is on two thirds or more and a few others on the rest (_EC000, _EC017, _EC203); a sentence for
/// each such place, with the first of the others. The letters say error (EC, err), or the usual number is 0 and the
/// letters count nothing and name no device (line0, cam0). Not for neighbouring numbers of other letters, nor where the
/// names in order have the others at one end, as after a change, nor where defects have the usual code.
std::vector<std::string> rare_codes(const std::vector<Sample>& samples);

}  // namespace iuf
