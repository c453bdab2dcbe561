#pragma once

#include <string>

#include "iuf/data/dataset.h"

namespace iuf {

/// "names begin with bolt (12) and washer (12): ...", where the numbered names of an object's images to learn from
/// begin with two to four words, each at least three times; otherwise empty. Days, shifts, lines and batches are of one
/// product; what cameras see may be two.
std::string leading_names(const Dataset& data, const std::string& object);

}  // namespace iuf
