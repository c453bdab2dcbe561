#include "iuf/learn/recalibration.h"

#include <algorithm>
#include <cmath>

#include "iuf/stats/conformal.h"
#include "iuf/stats/threshold.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// The middle of the colour scale is the threshold, its low end stays.
void change(ObjectRecord& object, const Calibration& to) {
  static_cast<Calibration&>(object) = to;
  if (object.low && object.high && object.threshold)
    object.high = *object.low + 2 * std::max(*object.threshold - *object.low, 1e-6);
}

bool equal(const Calibration& a, const Calibration& b) {
  return a.threshold == b.threshold && a.false_alarms == b.false_alarms && a.scores == b.scores &&
         a.later_photographs == b.later_photographs;
}

// What is asked for once more, as after an interruption that came late, is no further change.
void change_and_keep(ObjectRecord& object, const Calibration& to) {
  if (equal(object, to)) return;
  object.earlier.push_back(object);
  if (object.earlier.size() > kMostEarlier + 1) object.earlier.erase(object.earlier.begin() + 1);
  change(object, to);
}

}  // namespace

std::vector<Calibration> calibrations_of(const ObjectRecord& object) {
  std::vector<Calibration> all = object.earlier;
  all.push_back(object);
  return all;
}

std::string fault_of(const Calibration& c) {
  constexpr size_t kMost = 1000000;
  const auto finite = [](double v) { return std::isfinite(v); };
  if (c.scores.size() > kMost || !std::ranges::all_of(c.scores, finite) || !std::ranges::is_sorted(c.scores))
    return "its normal scores are no list of ascending numbers";
  if (c.threshold && !finite(*c.threshold)) return "its threshold is no number";
  if (c.false_alarms && !(*c.false_alarms >= 1e-7 && *c.false_alarms < 1)) return "its share of false alarms is none";
  return "";
}

std::optional<double> scaled_score(const Calibration& c, double score) {
  if (!c.threshold || c.scores.empty()) return std::nullopt;
  const double median = sorted_quantile(c.scores, 0.5);
  return *c.threshold > median ? std::optional((score - median) / (*c.threshold - median)) : std::nullopt;
}

void set_false_alarms(ObjectRecord& object, double rate) {
  if (object.scores.empty())
    fail(
        "object '", object.name,
        "': the model keeps no scores of normal images to set a share of false alarms by (it was learned from too few, "
        "or by an older version); give a folder of normal images as well, or set the threshold itself");
  Calibration to = object;
  to.threshold = conformal_threshold(object.scores, rate);
  to.false_alarms = rate;
  change_and_keep(object, to);
}

void set_threshold(ObjectRecord& object, double threshold) {
  if (!std::isfinite(threshold)) fail("object '", object.name, "': threshold ", threshold, " is not a finite number");
  Calibration to = object;
  to.threshold = threshold;
  to.false_alarms = std::nullopt;
  change_and_keep(object, to);
}

void take_normal_scores(ObjectRecord& object, const LaterScores& later, LaterImages how, std::optional<double> rate) {
  if (!rate) rate = object.false_alarms;
  if (!rate)
    fail("object '", object.name,
         "': its threshold was not made for a share of false alarms; say which one is wanted from now on");
  Calibration to = object;
  if (how == LaterImages::replace) {
    to.scores.clear();
    to.later_photographs.clear();
  }
  to.scores.insert(to.scores.end(), later.scores.begin(), later.scores.end());
  std::ranges::sort(to.scores);
  to.later_photographs.insert(to.later_photographs.end(), later.photographs.begin(), later.photographs.end());
  std::ranges::sort(to.later_photographs);
  to.threshold = conformal_threshold(to.scores, *rate);
  to.false_alarms = rate;
  change_and_keep(object, to);
}

void undo_calibration(ObjectRecord& object) {
  if (object.earlier.empty())
    fail("object '", object.name, "': its threshold was never changed since it was learned or updated");
  const Calibration before = object.earlier.back();
  object.earlier.pop_back();
  change(object, before);
}

}  // namespace iuf
