#pragma once

#include <cstdint>
#include <string>

namespace iuf {

/// A normal image to learn from.
struct TrainingImage {
  std::string file;    // as text: a path object keeps every part of itself, which counts with 50,000 images
  uint64_t hash = 0;   // of its content: the key of its features
  int64_t object = 0;  // index among the model's objects
  int64_t fold = -1;   // judged by statistics that have not seen it (stats/folds.h); -1: in no fold
};

}  // namespace iuf
