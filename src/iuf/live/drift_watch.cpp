#include "iuf/live/drift_watch.h"

#include <algorithm>

#include "iuf/run/drift_notes.h"

namespace iuf {

std::vector<std::string> DriftWatch::take(const ModelVersion& version, const Prediction& p) {
  if (version.by.model != model_) {
    model_ = version.by.model;
    objects_.clear();
    said_.clear();
  }
  const std::vector<ObjectRecord>& records = version.model.objects();
  const auto record = std::ranges::find(records, p.object, &ObjectRecord::name);
  if (!p.error.empty() || record == records.end()) return {};
  Object& object = objects_[p.object];
  if (object.said) return {};
  object.last.push_back({.score = p.score, .threshold = p.threshold, .novelty = p.novelty, .object = p.object});
  if (object.last.size() > kLast) object.last.pop_front();
  if (++object.since < kEvery) return {};
  object.since = 0;
  std::vector<std::string> notes = drift_notes({*record}, {object.last.end() - kEvery, object.last.end()});
  if (notes.empty()) notes = drift_notes({*record}, {object.last.begin(), object.last.end()});
  object.said = !notes.empty();
  said_.insert(said_.end(), notes.begin(), notes.end());
  return notes;
}

}  // namespace iuf
