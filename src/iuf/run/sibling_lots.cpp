#include "iuf/run/sibling_lots.h"

#include <algorithm>
#include <exception>
#include <map>

#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kFewestOfBoth = 10, kOneOf = 5, kNamed = 5;

bool is_judged_freely(const Prediction& p) {
  const Verdict verdict = p.decision();
  return p.expected.empty() && verdict != Verdict::error && verdict != Verdict::unknown;
}

}  // namespace

bool are_few_among(size_t few, size_t usual) {
  const size_t both = few + usual;
  return few > 0 && both >= kFewestOfBoth && kOneOf * few <= both;
}

bool has_alarm_by(const Model& model, const std::string& sibling, const std::string& object, const Image& image) {
  const auto number_of = [&](const std::string& name) {
    return static_cast<size_t>(std::ranges::find(model.objects(), name, &ObjectRecord::name) - model.objects().begin());
  };
  const size_t own = number_of(object), other = number_of(sibling);
  if (std::max(own, other) >= model.objects().size() || !model.are_siblings(own, other)) return false;
  try {
    const Judgement j = model.judge(image, model.expected_object(sibling));
    return is_alarm(verdict(j.score, model.objects()[other].threshold, j.novelty));
  } catch (const Error&) {
    return false;
  }
}

std::vector<std::string> sibling_notes(const Model& model, const std::vector<Prediction>& predictions,
                                       const std::function<Image(const Prediction&)>& read) {
  std::map<std::string, std::vector<const Prediction*>> judged;  // by object
  for (const Prediction& p : predictions)
    if (is_judged_freely(p)) judged[p.object].push_back(&p);
  std::vector<std::string> notes;
  size_t asked = 0;
  for (const auto& [few, images] : judged)
    for (const auto& [usual, others] : judged) {
      if (few == usual || !are_few_among(images.size(), others.size())) continue;
      std::vector<std::string> defects;
      for (const Prediction* p : images) {
        if (p->decision() != Verdict::ok || asked == kMostAsked) continue;
        ++asked;
        try {
          if (has_alarm_by(model, usual, few, read(*p))) defects.push_back(escaped(p->file));
        } catch (const std::exception&) {  // gone since
        }
      }
      if (defects.empty()) continue;
      const size_t count = defects.size();
      if (count > kNamed) {
        defects.resize(kNamed);
        defects.emplace_back("...");
      }
      notes.push_back("of " + std::to_string(images.size() + others.size()) + " images " +
                      std::to_string(others.size()) + " were judged as '" + plain_text(usual) + "' and " +
                      std::to_string(images.size()) + " as '" + plain_text(few) + "'; " + std::to_string(count) +
                      " of these " + (count == 1 ? "is" : "are") + " ok as such, and " + (count == 1 ? "has" : "have") +
                      " an alarm as '" + plain_text(usual) + "': if all are that, give --object '" + plain_text(usual) +
                      "': " + joined(defects));
    }
  return notes;
}

}  // namespace iuf
