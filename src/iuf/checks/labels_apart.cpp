#include "iuf/checks/labels_apart.h"

#include <algorithm>
#include <map>

#include "iuf/checks/pictures_apart.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kFewestComparedWith = 8, kFewestTogether = 20, kFewestOfKind = 3;

void add(const PictureUse& use, const PictureLayout& first, LookedAt& looked) {
  for (size_t i = 0; i < use.samples.size(); ++i) {
    if (!use.traces[i] || !are_comparable(use.traces[i]->layout, first)) continue;
    looked.layouts.push_back(&use.traces[i]->layout);
    looked.samples.push_back(use.samples[i]);
  }
}

bool are_enough(const LookedAt& own, const LookedAt& others) {
  return own.layouts.size() >= kFewestApart && others.layouts.size() >= kFewestComparedWith &&
         own.layouts.size() + others.layouts.size() >= kFewestTogether;
}

bool are_of_kinds(const LookedAt& defects) {
  std::map<std::string, size_t> kinds;
  for (const Sample* sample : defects.samples) ++kinds[sample->label_name];
  return std::ranges::count_if(kinds, [](const auto& kind) { return kind.second >= kFewestOfKind; }) > 1;
}

std::string defects_apart(const LookedAt& defects, const LookedAt& normal) {
  if (!are_enough(defects, normal)) return "";
  LookedAt masked;
  for (size_t i = 0; i < defects.samples.size(); ++i) {
    if (defects.samples[i]->masks.empty()) continue;
    masked.layouts.push_back(defects.layouts[i]);
    masked.samples.push_back(defects.samples[i]);
  }
  const bool has_masks = 2 * masked.samples.size() >= defects.samples.size() && are_enough(masked, normal);
  const bool anywhere = has_masks || are_of_kinds(defects);
  std::vector<std::string> found = pictures_apart(defects, normal, {.anywhere = anywhere});
  if (!found.empty() && has_masks) found = pictures_apart(masked, normal, {.masks = true, .anywhere = anywhere});
  if (found.empty()) return "";
  return "all " + std::to_string(defects.samples.size()) +
         " defective test images that were looked at differ from each of the " + std::to_string(normal.samples.size()) +
         " normal ones" + (has_masks ? ", where no mask marks anything: " : ": ") + joined(found, "; ") +
         (has_masks ? ". Figures tell this apart, not the defects"
                    : ". If this is not the defect itself, figures tell it apart, and not the defects");
}

std::string tests_apart(const LookedAt& tests, const LookedAt& learned) {
  if (!are_enough(tests, learned)) return "";
  const std::vector<std::string> found = pictures_apart(tests, learned, {.anywhere = true});
  if (found.empty()) return "";
  return "all " + std::to_string(tests.samples.size()) +
         " normal test images that were looked at differ from each of the " + std::to_string(learned.samples.size()) +
         " to learn from: " + joined(found, "; ") + ". False alarms and other figures measure this";
}

}  // namespace

std::string labels_apart(const std::vector<PictureUse>& uses) {
  const PictureLayout* first = nullptr;
  for (const PictureUse& use : uses)
    for (const auto& traces : use.traces)
      if (traces && !first) first = &traces->layout;
  if (!first) return "";
  LookedAt learned, tests, normal, defects;
  for (const PictureUse& use : uses) {
    add(use, *first, use.train ? learned : use.defect ? defects : tests);
    if (!use.defect) add(use, *first, normal);
  }
  const std::string said = defects_apart(defects, normal);
  return said.empty() ? tests_apart(tests, learned) : said;
}

}  // namespace iuf
