#include "iuf/live/drift_watch.h"

#include <algorithm>

#include "iuf/run/drift_notes.h"

namespace iuf {

DriftWatch::Object* DriftWatch::add(const ModelVersion& version, const Prediction& p) {
  if (version.by.model != model_) {
    model_ = version.by.model;
    objects_.clear();
    said_.clear();
  }
  const std::vector<ObjectRecord>& records = version.model.objects();
  if (!p.error.empty() || std::ranges::find(records, p.object, &ObjectRecord::name) == records.end()) return nullptr;
  Object& object = objects_[p.object];
  if (object.said) return nullptr;
  object.last.push_back(
      {.file = p.file, .score = p.score, .threshold = p.threshold, .novelty = p.novelty, .object = p.object});
  if (object.last.size() > kLast) object.last.pop_front();
  ++object.since;
  return &object;
}

void DriftWatch::recall(const ModelVersion& version, const std::vector<Prediction>& predictions) {
  for (const Prediction& p : predictions) add(version, p);
}

std::vector<std::string> DriftWatch::take(const ModelVersion& version, const Prediction& p) {
  Object* added = add(version, p);
  if (!added || added->since < kEvery) return {};
  Object& object = *added;
  const auto record = std::ranges::find(version.model.objects(), p.object, &ObjectRecord::name);
  object.since = 0;
  std::vector<std::string> notes = drift_notes({*record}, {object.last.end() - kEvery, object.last.end()});
  if (notes.empty()) notes = drift_notes({*record}, {object.last.begin(), object.last.end()});
  object.said = !notes.empty();
  said_.insert(said_.end(), notes.begin(), notes.end());
  return notes;
}

}  // namespace iuf
