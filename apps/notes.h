#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "apps/progress.h"
#include "iuf/learn/model.h"
#include "iuf/paper/protocol.h"
#include "tensor/suggest.h"

namespace iuf {

/// Says which of the data's objects a stream leaves out.
inline void note_unused(const Stream& stream, const std::vector<std::string>& objects, ProgressLine& progress) {
  const std::vector<std::string> used = stream.objects();
  std::vector<std::string> unused;
  for (const std::string& object : objects)
    if (std::ranges::find(used, object) == used.end()) unused.push_back(object);
  if (!unused.empty()) progress.note("not among the steps, and not used: " + joined(unused));
}

/// Says so where an object's threshold comes from the images that it was learned from.
inline void note_threshold(const ObjectRecord& object, ProgressLine& progress) {
  if (object.held_out_images == 0)
    progress.note("'" + object.name +
                  "' has too few images to keep one for the threshold: it comes from those it learned from, and normal "
                  "images will often lie above it");
}

}  // namespace iuf
