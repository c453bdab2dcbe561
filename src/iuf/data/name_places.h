#pragma once

#include <cstddef>
#include <string>

#include "iuf/data/dataset.h"

namespace iuf {

/// A word of a name: between digits and letters too, or not; counted from the front or from the back.
struct Place {
  bool fine = false, from_back = false;
  size_t number = 0;
};

/// A word of a name, and the name without it.
struct Code {
  std::string code = {}, rest = {};  // empty without one
};

/// Empty also for a name of one word.
Code code_at(const Sample& sample, const Place& place);

}  // namespace iuf
