#pragma once

#include <functional>
#include <map>
#include <utility>

#include "iuf/learn/method.h"
#include "iuf/stats/feature_bank.h"

namespace iuf {

/// Features that greedy k-centre chose, and those that it would have gone on with where a fold of an object's images is
/// left out (folded_k_centre): a bank without the fold then is as large as with it, and has no gaps.
struct ChosenFeatures {
  FeatureBank bank;
  std::map<std::pair<int64_t, int64_t>, FeatureBank> instead = {};  // by object and fold
};
/// `rows`: where the distances are measured, N x C for the N candidates.
ChosenFeatures choose_features(const FeatureBank& candidates, const Tensor& rows, int64_t count);

/// Tells how the images of a step are judged, each by the bank without the features of its fold, but with those that
/// take their place, where that leaves any. `judge` takes an image's local features, T x C.
void judge_folds(const ChosenFeatures& chosen, const StepData& data, const StepContext& context,
                 const std::function<Judgement(const FeatureBank& without, const Tensor& local)>& judge);

}  // namespace iuf
