#pragma once

#include <string>
#include <vector>

#include "iuf/data/progress.h"
#include "iuf/learn/method.h"
#include "iuf/stats/outliers.h"

namespace iuf {

/// The channel moments of these images, in their order.
std::vector<Tensor> moments_of(const StepData& data, const std::vector<TrainingImage>& images);

/// Names those of these images, a `kind` such as "normal images", that are unlike the others, with their values of
/// `what`, such as "score"; `result` says what became of them.
std::string outliers_text(const std::string& kind, const std::vector<TrainingImage>& images, const Outliers& outliers,
                          const std::string& what, const std::string& result);

}  // namespace iuf
