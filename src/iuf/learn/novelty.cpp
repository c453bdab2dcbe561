#include "iuf/learn/novelty.h"

#include <algorithm>

#include "tensor/parallel.h"

namespace iuf {

std::optional<NoveltyDetector> learn_novelty(const StepData& data, const std::vector<TrainingImage>& held_out,
                                             size_t n) {
  const int64_t object = data.first_object + static_cast<int64_t>(n);
  std::vector<const TrainingImage*> own;
  for (const std::vector<TrainingImage>* images : {&data.images, &held_out})
    for (const TrainingImage& image : *images)
      if (image.object == object) own.push_back(&image);
  // By content: neither the order of files nor the split moves an image to another fold.
  const auto hash = [](const TrainingImage* image) { return image->hash; };
  std::ranges::stable_sort(own, {}, hash);
  own.erase(std::ranges::unique(own, {}, hash).begin(), own.end());
  std::vector<Tensor> moments(own.size());
  parallel_for(static_cast<int64_t>(own.size()), 1, [&](int64_t i, int64_t) {
    const auto at = static_cast<size_t>(i);
    moments[at] = channel_moments(data.local_features(*own[at]));
  });
  return NoveltyDetector::fit(moments);
}

}  // namespace iuf
