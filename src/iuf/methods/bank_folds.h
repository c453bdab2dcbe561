#pragma once

#include <functional>

#include "iuf/learn/method.h"
#include "iuf/stats/feature_bank.h"

namespace iuf {

/// Tells how the images of a step are judged, each by the bank without the features of its fold, where that leaves any.
/// `judge` takes an image's local features, T x C.
void judge_folds(const FeatureBank& bank, const StepData& data, const StepContext& context,
                 const std::function<Judgement(const FeatureBank& without, const Tensor& local)>& judge);

}  // namespace iuf
