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

void change_and_keep(ObjectRecord& object, const Calibration& to) {
  object.earlier.push_back(object);
  change(object, to);
}

}  // namespace

std::optional<double> scaled_score(const Calibration& c, double score) {
  if (!c.threshold || c.scores.empty()) return std::nullopt;
  const double median = quantile(c.scores, 0.5);
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

namespace {

// `to`: with the new scores.
void take_scores(ObjectRecord& object, Calibration to, const std::vector<double>& scores, std::optional<double> rate) {
  if (!rate) rate = object.false_alarms;
  if (!rate)
    fail("object '", object.name,
         "': its threshold was not made for a share of false alarms; say which one is wanted from now on");
  to.scores.insert(to.scores.end(), scores.begin(), scores.end());
  std::ranges::sort(to.scores);
  to.later_images += static_cast<int64_t>(scores.size());
  to.threshold = conformal_threshold(to.scores, *rate);
  to.false_alarms = rate;
  change_and_keep(object, to);
}

}  // namespace

void add_normal_scores(ObjectRecord& object, const std::vector<double>& scores, std::optional<double> rate) {
  take_scores(object, object, scores, rate);
}

void replace_normal_scores(ObjectRecord& object, const std::vector<double>& scores, std::optional<double> rate) {
  Calibration to = object;
  to.scores.clear();
  to.later_images = 0;
  take_scores(object, to, scores, rate);
}

void undo_calibration(ObjectRecord& object) {
  if (object.earlier.empty()) fail("object '", object.name, "': its threshold was never changed");
  const Calibration before = object.earlier.back();
  object.earlier.pop_back();
  change(object, before);
}

}  // namespace iuf
