#pragma once

#include <vector>

#include "iuf/data/progress.h"
#include "iuf/learn/method.h"
#include "iuf/learn/object_record.h"

namespace iuf {

/// Error where a judgement is none: what is not finite would pass for harmless wherever it is compared.
void require_finite(const Judgement& judgement);

/// The threshold and the colour scale of the step's object number n (of `names`), by a method that has learned the
/// step: from the scores of the held-out images, and of those that it learned from (score_threshold). Scores that stand
/// apart (scores_apart) are not used, as far as they are few (most_outliers); the record and a note name them. A gap
/// between held-out scores must be above five robust deviations of the others' scores.
void calibrate(const Method& method, const StepData& data, const std::vector<TrainingImage>& held_out,
               const Settings& settings, size_t n, ObjectRecord& record, const Progress& progress);

}  // namespace iuf
