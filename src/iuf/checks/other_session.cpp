#include "iuf/checks/other_session.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "iuf/checks/picture_signals.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kFewestInNormal = 8, kFewestInDefects = 5, kFewestToTrim = 20;
constexpr size_t kMostKinds = 3, kMostSignals = 3;  // that are said

struct Labelled {
  std::vector<TakenPicture> learned = {}, tests = {}, defects = {};  // normal ones, and defects
  std::vector<std::string> kinds = {};                               // of each defect
};

// The pictures, as far as they are of one size.
Labelled labelled(const std::vector<PictureUse>& uses) {
  Labelled all;
  const Scene* first = nullptr;
  for (const PictureUse& use : uses)
    for (size_t i = 0; i < use.samples.size(); ++i) {
      const auto& scene = use.scenes[i];
      const auto& traces = use.traces[i];
      if (!scene || !traces || scene->columns == 0 || traces->layout.columns == 0) continue;
      if (!first) first = &*scene;
      if (!are_comparable(*first, *scene)) continue;
      (use.defect ? all.defects : use.train ? all.learned : all.tests).push_back({&*scene, &traces->layout});
      if (use.defect) all.kinds.push_back(use.samples[i]->label_name);
    }
  return all;
}

// How far some values are beyond others.
struct Beyond {
  size_t count = 0;  // of the values; none: they are not
  size_t of = 0;     // of the others
  double gap = 0;
  bool above = false;
};

// `fewest` values are beyond the others, of which `left_out` at each end do not count.
Beyond beyond_at(const PictureSignal& signal, const std::vector<double>& own, size_t fewest, size_t left_out) {
  std::vector<double> values = own, normal = signal.normal;
  std::ranges::sort(values);
  std::ranges::sort(normal);
  const double low = normal[left_out], high = normal[normal.size() - 1 - left_out];
  const double least = std::max(signal.least, signal.of_spread * (high - low));
  const double below = low - values[fewest - 1], above = values[values.size() - fewest] - high;
  if (std::max(below, above) < least) return {};
  const auto count =
      std::ranges::count_if(values, [&](double v) { return above > below ? v >= high + least : v <= low - least; });
  return {static_cast<size_t>(count), normal.size() - left_out, std::max(below, above), above > below};
}

Beyond beyond(const PictureSignal& signal, const std::vector<double>& own, size_t fewest) {
  const Beyond all = beyond_at(signal, own, fewest, 0);
  const size_t normal = signal.normal.size();
  return all.count > 0 || normal < kFewestToTrim ? all : beyond_at(signal, own, fewest, normal / kFewestToTrim);
}

// What these images are more or less than the others, in a sentence; `fewest` of them must be so.
std::string said_of(const std::string& which, const std::string& of_others, const std::vector<PictureSignal>& signals,
                    const std::vector<size_t>& places, size_t fewest) {
  std::vector<std::string> found;
  std::set<PictureSignal::Of> told;
  size_t count = places.size(), of = signals.front().normal.size();
  for (const PictureSignal& signal : signals) {
    if (told.contains(signal.of)) continue;
    std::vector<double> own;
    for (const size_t i : places) own.push_back(signal.others[i]);
    const Beyond beyond_normal = beyond(signal, own, fewest);
    if (beyond_normal.count == 0 || found.size() == kMostSignals) continue;
    told.insert(signal.of);
    count = std::min(count, beyond_normal.count);
    of = std::min(of, beyond_normal.of);
    found.push_back(
        std::string(beyond_normal.above ? signal.more : signal.less) +
        (signal.text_of ? signal.text_of(beyond_normal.above ? beyond_normal.gap : -beyond_normal.gap) : ""));
  }
  if (found.empty()) return "";
  const size_t all = places.size(), others = signals.front().normal.size();
  return (count == all ? "all " : std::to_string(count) + " of ") + std::to_string(all) + " " + which +
         " that were looked at are " + joined(found, " and ") + " than " +
         (of == others ? "each of the " + std::to_string(others)
                       : std::to_string(of) + " of the " + std::to_string(others)) +
         " " + of_others;
}

constexpr const char* kNormalOnes =
    "normal ones: of another session? Figures may tell the sessions apart, not the defects";

std::vector<size_t> all_places(size_t count) {
  std::vector<size_t> places(count);
  std::iota(places.begin(), places.end(), size_t{0});
  return places;
}

// Where each is of a session of its own, no two are beyond in the same.
std::string said_of_each(const std::vector<PictureSignal>& signals, size_t defects) {
  size_t count = 0;
  for (size_t i = 0; i < defects; ++i)
    count += std::ranges::any_of(signals,
                                 [&](const PictureSignal& s) { return beyond_at(s, {s.others[i]}, 1, 0).count > 0; });
  if (count < kFewestInDefects || 5 * count < 4 * defects) return "";
  return std::to_string(count) + " of " + std::to_string(defects) +
         " defective test images that were looked at are each beyond all " +
         std::to_string(signals.front().normal.size()) +
         " normal ones in something that tells how they were taken (light, colour, sharpness, noise, rows, levels, a "
         "turn): of other sessions? Figures may tell the sessions apart, not the defects";
}

std::string defects_of_another(const Labelled& all) {
  std::vector<TakenPicture> normal = all.learned;
  normal.insert(normal.end(), all.tests.begin(), all.tests.end());
  if (normal.size() < kFewestInNormal || all.defects.size() < kFewestInDefects) return "";
  const std::vector<PictureSignal> signals = picture_signals(normal, all.defects);
  const size_t defects = all.defects.size();
  std::string said = said_of("defective test images", kNormalOnes, signals, all_places(defects),
                             std::max(kFewestInDefects, (4 * defects + 4) / 5));
  if (!said.empty()) return said;
  std::map<std::string, std::vector<size_t>> kinds;
  for (size_t i = 0; i < defects; ++i) kinds[all.kinds[i]].push_back(i);
  std::vector<std::string> of_kinds;
  for (const auto& [kind, own] : kinds)
    if (own.size() >= kFewestInDefects && own.size() < defects)
      of_kinds.push_back(said_of("defective test images of the kind " + kind, kNormalOnes, signals, own, own.size()));
  std::erase(of_kinds, "");
  if (of_kinds.empty()) return said_of_each(signals, defects);
  of_kinds.resize(std::min(of_kinds.size(), kMostKinds));
  return joined(of_kinds, "; ");
}

std::string tests_of_another(const Labelled& all) {
  const size_t tests = all.tests.size();
  if (all.learned.size() < kFewestInNormal || tests < kFewestInDefects) return "";
  return said_of("normal test images", "to learn from: of another session? False alarms and other figures measure this",
                 picture_signals(all.learned, all.tests), all_places(tests),
                 std::max(kFewestInDefects, (4 * tests + 4) / 5));
}

}  // namespace

std::string other_session(const std::vector<PictureUse>& uses) {
  const Labelled all = labelled(uses);
  const std::string said = defects_of_another(all);
  return said.empty() ? tests_of_another(all) : said;
}

}  // namespace iuf
