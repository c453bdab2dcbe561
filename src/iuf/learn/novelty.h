#pragma once

#include "iuf/learn/method.h"
#include "iuf/stats/novelty.h"

namespace iuf {

/// What tells images that are unlike all normal ones of the step's object number `n` (of `names`), from the images that
/// the method learned and those held out; photographs with the same content count once. Absent for too few.
std::optional<NoveltyDetector> learn_novelty(const StepData& data, const std::vector<TrainingImage>& held_out,
                                             size_t n);

}  // namespace iuf
