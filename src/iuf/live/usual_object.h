#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "iuf/image/image.h"
#include "iuf/live/live_model.h"
#include "iuf/run/prediction.h"

namespace iuf {

/// Tells of images that come one by one what sibling_notes() tells of those of a call: one that is ok as an object that
/// few of the last ones were judged as, and has an alarm by the object of most. Thread-safe.
class UsualObject {
 public:
  static constexpr size_t kLast = 100;  // images that are looked at

  /// Takes what this model said of an image; images with an expected object, errors and unknown ones are none. Returns
  /// what to say of it, the same words for every image of both objects: "pictures that ..."; empty where nothing is.
  /// Another model begins anew.
  std::string take(const ModelVersion& version, const Image& image, const Prediction& prediction);

 private:
  // The object of most of the last images where this is one of the few others.
  std::optional<std::string> usual_beside(const ModelVersion& version, const Prediction& prediction);

  std::mutex mutex_ = {};
  std::string model_ = {};             // JudgedBy::model
  std::deque<std::string> last_ = {};  // objects
};

}  // namespace iuf
