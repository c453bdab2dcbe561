#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "iuf/live/live_model.h"
#include "iuf/run/prediction.h"

namespace iuf {

/// Tells of images that come one by one what drift_notes() tells of those of a call. It looks at the newest images of
/// an object, which show at once what changed suddenly, and at more of its last ones, which show what changes little.
class DriftWatch {
 public:
  static constexpr size_t kLast = 100;  // images of an object that are looked at
  static constexpr size_t kEvery = 25;  // so many new ones of it, and it is looked at again: at these, and at the last

  /// Takes what this model said of an image. Returns what is worth saying now, each object's once, until another model
  /// is used: then all begins anew.
  std::vector<std::string> take(const ModelVersion& version, const Prediction& prediction);
  /// Takes what it said before this process began, such as a call for a few files: what drifts over many such calls is
  /// said with the next image.
  void recall(const ModelVersion& version, const std::vector<Prediction>& predictions);
  static constexpr size_t kRecalledRows = 4 * kLast, kRecalledBytes = size_t{1} << 19;  // of a log, of all objects
  /// What was said since the model in use is used.
  const std::vector<std::string>& said() const { return said_; }

 private:
  struct Object {
    std::deque<Prediction> last = {};
    size_t since = 0;  // that came since they were looked at
    bool said = false;
  };
  // The object of an image that counts, with it.
  Object* add(const ModelVersion& version, const Prediction& prediction);

  std::string model_ = {};  // JudgedBy::model
  std::map<std::string, Object> objects_ = {};
  std::vector<std::string> said_ = {};
};

}  // namespace iuf
