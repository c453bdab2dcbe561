#include "iuf/methods/bank_folds.h"

#include <algorithm>

namespace iuf {

void judge_folds(const FeatureBank& bank, const StepData& data, const StepContext& context,
                 const std::function<Judgement(const FeatureBank&, const Tensor&)>& judge) {
  const auto total = static_cast<int64_t>(data.images.size());
  int64_t done = 0;
  for (size_t n = 0; n < data.names.size(); ++n) {
    const std::vector<TrainingImage> images = images_of(data, n);
    for (int64_t fold = 0; fold < fold_count(folds_of(images)); ++fold) {
      const FeatureBank without = bank.without(images[0].object, fold);
      for (const TrainingImage& image : images) {
        if (image.fold != fold) continue;
        if (without.size() > 0) context.unseen(image, judge(without, data.local_features(image)));
        context.progress("scores", ++done, total);
      }
    }
  }
}

}  // namespace iuf
