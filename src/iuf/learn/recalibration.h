#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/learn/object_record.h"

// The threshold of an object, changed after it was learned. What it was before is kept in ObjectRecord::earlier, that
// of learning (or of an update) and the last kMostEarlier, and the colour scale follows.
namespace iuf {

/// What the threshold comes from, and what it came from before, the first one first.
std::vector<Calibration> calibrations_of(const ObjectRecord& object);
/// What makes no sense of a calibration that a file holds; empty where nothing does.
std::string fault_of(const Calibration& calibration);

/// A score as a part of the threshold, which means the same for every object: 1 is the threshold, 0 the median of the
/// normal scores. Absent where these are not kept, or are no less than the threshold.
std::optional<double> scaled_score(const Calibration& calibration, double score);

/// The threshold for this share of false alarms (conformal_threshold). Error where no normal scores are kept.
void set_false_alarms(ObjectRecord& object, double rate);
/// This threshold. Error where it is not finite.
void set_threshold(ObjectRecord& object, double threshold);
/// Normal images that came later.
struct LaterScores {
  std::vector<double> scores = {};
  std::vector<uint64_t> photographs = {};  // ImageFacts::photograph of each
};
enum class LaterImages { add, replace };  // what their scores do to those that are there
/// Takes scores of normal images that the model has not seen, beside those that it keeps or in their place, and makes
/// the threshold anew for the share of false alarms of the last one, or for `rate`. Error where both are missing.
void take_normal_scores(ObjectRecord& object, const LaterScores& later, LaterImages how, std::optional<double> rate);
constexpr size_t kMostEarlier = 20;
/// What it was before the last change. Error where there was none.
void undo_calibration(ObjectRecord& object);

}  // namespace iuf
