#include "iuf/checks/other_session.h"

#include <algorithm>
#include <map>
#include <set>

#include "iuf/checks/picture_signals.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kFewestInNormal = 8, kFewestInDefects = 5, kFewestToTrim = 20;
constexpr size_t kMostKinds = 3, kMostSignals = 3;  // that are said

struct Labelled {
  std::vector<TakenPicture> normal = {}, defects = {};
  std::vector<std::string> kinds = {};  // of each defect
};

// The pictures of both labels, as far as they are of one size.
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
      (use.defect ? all.defects : all.normal).push_back({&*scene, &traces->layout});
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

// Of what these defects are, in a sentence; `fewest` of them must be so.
std::string said_of(const std::string& which, const std::vector<PictureSignal>& signals,
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
    found.push_back(std::string(beyond_normal.above ? signal.more : signal.less) +
                    (signal.text_of ? signal.text_of(beyond_normal.gap) : ""));
  }
  if (found.empty()) return "";
  const size_t all = places.size(), normal = signals.front().normal.size();
  return (count == all ? "all " : std::to_string(count) + " of ") + std::to_string(all) + " defective test images" +
         which + " that were looked at are " + joined(found, " and ") + " than " +
         (of == normal ? "each of the " + std::to_string(normal)
                       : std::to_string(of) + " of the " + std::to_string(normal)) +
         " normal ones: of another session? Figures may tell the sessions apart, not the defects";
}

}  // namespace

std::string other_session(const std::vector<PictureUse>& uses) {
  const Labelled all = labelled(uses);
  if (all.normal.size() < kFewestInNormal || all.defects.size() < kFewestInDefects) return "";
  const std::vector<PictureSignal> signals = picture_signals(all.normal, all.defects);
  std::vector<size_t> places;
  std::map<std::string, std::vector<size_t>> kinds;
  for (size_t i = 0; i < all.defects.size(); ++i) {
    places.push_back(i);
    kinds[all.kinds[i]].push_back(i);
  }
  if (const std::string said = said_of("", signals, places, std::max(kFewestInDefects, (4 * places.size() + 4) / 5));
      !said.empty())
    return said;
  std::vector<std::string> said;
  for (const auto& [kind, own] : kinds)
    if (own.size() >= kFewestInDefects && own.size() < places.size())
      said.push_back(said_of(" of the kind " + kind, signals, own, own.size()));
  std::erase(said, "");
  said.resize(std::min(said.size(), kMostKinds));
  return joined(said, "; ");
}

}  // namespace iuf
