#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "apps/progress.h"
#include "iuf/learn/model.h"
#include "iuf/paper/protocol.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/step_result.h"
#include "iuf/run/text.h"
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
  if (object.scores.empty()) {
    progress.note("'" + object.name +
                  "' has no scores of normal images that were not learned from (too few images, or an older model): "
                  "its threshold is none to trust, and normal images will often lie above it");
  } else if (const size_t missing = images_missing(object); missing > 0) {
    progress.note("'" + object.name + "': " + std::to_string(object.scores.size()) + " normal scores cannot promise " +
                  trimmed_text(100 * *object.false_alarms, 3) + " % false alarms; the threshold is extrapolated; " +
                  std::to_string(missing) + " more images would do");
  }
}

/// Names the images and masks that could not be used. Returns the exit code: 1 where there are any.
inline int say_errors(const std::vector<ObjectResult>& objects, ProgressLine& progress) {
  for (const ObjectResult& object : objects) {
    for (const std::string& text : object.error_texts) progress.error(text);
    const auto named = static_cast<int64_t>(object.error_texts.size());
    if (object.errors > named)
      progress.error("'" + object.object + "': " + std::to_string(object.errors - named) + " more like these");
  }
  return errors_in(objects) > 0 ? 1 : 0;
}

}  // namespace iuf
