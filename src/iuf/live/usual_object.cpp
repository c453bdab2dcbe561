#include "iuf/live/usual_object.h"

#include <algorithm>

#include "iuf/run/sibling_lots.h"
#include "tensor/text.h"

namespace iuf {

std::optional<std::string> UsualObject::usual_beside(const ModelVersion& version, const Prediction& p) {
  const std::lock_guard lock(mutex_);
  if (version.by.model != model_) {
    model_ = version.by.model;
    last_.clear();
  }
  last_.push_back(p.object);
  if (last_.size() > kLast) last_.pop_front();
  const auto count = [&](const std::string& object) { return static_cast<size_t>(std::ranges::count(last_, object)); };
  for (const ObjectRecord& other : version.model.objects())
    if (other.name != p.object && are_few_among(count(p.object), count(other.name))) return other.name;
  return std::nullopt;
}

std::string UsualObject::take(const ModelVersion& version, const Image& image, const Prediction& p) {
  const Verdict verdict = p.decision();
  if (!p.expected.empty() || verdict == Verdict::error || verdict == Verdict::unknown) return "";
  const std::optional<std::string> usual = usual_beside(version, p);
  if (!usual || verdict != Verdict::ok || !has_alarm_by(version.model, *usual, p.object, image)) return "";
  return "pictures that are ok as '" + plain_text(p.object) + "', and have an alarm as '" + plain_text(*usual) +
         "', as which most were judged: if all are that, name it as the object";
}

}  // namespace iuf
