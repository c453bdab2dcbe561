#include "iuf/methods/bank_folds.h"

#include <algorithm>
#include <numeric>

#include "iuf/stats/k_centre.h"

namespace iuf {

namespace {

// As large as the bank with the fold, if there are so many to take the place of its features.
FeatureBank without_fold(const ChosenFeatures& chosen, int64_t object, int64_t fold) {
  FeatureBank without = chosen.bank.without(object, fold);
  const auto found = chosen.instead.find({object, fold});
  if (found == chosen.instead.end()) return without;
  std::vector<int64_t> first(static_cast<size_t>(std::min(chosen.bank.size() - without.size(), found->second.size())));
  std::iota(first.begin(), first.end(), 0);
  without.append(found->second.rows(first));
  return without;
}

}  // namespace

ChosenFeatures choose_features(const FeatureBank& candidates, const Tensor& rows, int64_t count) {
  // The folds of all objects, numbered as they come.
  std::map<std::pair<int64_t, int64_t>, int64_t> numbers;
  std::vector<int64_t> folds(candidates.objects.size(), kNoFold);
  for (size_t i = 0; i < candidates.folds.size(); ++i)
    if (candidates.folds[i] != kNoFold)
      folds[i] = numbers.try_emplace({candidates.objects[i], candidates.folds[i]}, std::ssize(numbers)).first->second;
  const FoldedCentres centres = folded_k_centre(rows, count, folds);
  ChosenFeatures chosen{candidates.rows(centres.taken)};
  for (const auto& [fold, number] : numbers)
    if (const auto& instead = centres.instead[static_cast<size_t>(number)]; !instead.empty())
      chosen.instead[fold] = candidates.rows(instead);
  return chosen;
}

void judge_folds(const ChosenFeatures& chosen, const StepData& data, const StepContext& context,
                 const std::function<Judgement(const FeatureBank&, const Tensor&)>& judge) {
  const auto total = static_cast<int64_t>(data.images.size());
  int64_t done = 0;
  for (size_t n = 0; n < data.names.size(); ++n) {
    const std::vector<TrainingImage> images = images_of(data, n);
    for (int64_t fold = 0; fold < fold_count(folds_of(images)); ++fold) {
      const FeatureBank without = without_fold(chosen, images[0].object, fold);
      for (const TrainingImage& image : images) {
        if (image.fold != fold) continue;
        if (without.size() > 0) context.unseen(image, judge(without, data.local_features(image)));
        context.progress("scores", ++done, total);
      }
    }
  }
}

}  // namespace iuf
