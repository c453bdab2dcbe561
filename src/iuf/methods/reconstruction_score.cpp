#include "iuf/methods/reconstruction_score.h"

#include <algorithm>

#include "iuf/paper/reconstruction.h"
#include "tensor/elementwise.h"

namespace iuf {

std::tuple<int64_t, double, std::optional<int64_t>> recognise(const Settings& settings,
                                                              const std::vector<ObjectStatistics>& objects,
                                                              const Tensor& feature, const Tensor& logits,
                                                              std::optional<int64_t> expected) {
  std::vector<double> fit(objects.size());
  const bool fitted = std::ranges::all_of(objects, &ObjectStatistics::fitted);
  if ((settings.object == ObjectChoice::classifier || !fitted) && logits.defined()) {
    for (size_t o = 0; o < fit.size(); ++o) fit[o] = static_cast<double>(logits.data()[o]);
  } else if (!fitted) {
    return {expected.value_or(0), 0, std::nullopt};
  } else {
    for (size_t o = 0; o < fit.size(); ++o) fit[o] = objects[o].feature.median_log_likelihood(feature);
  }
  return most_likely(fit, expected);
}

Tensor reconstruction_map(const Settings& s, const ObjectStatistics& object, const Tensor& residual,
                          const ImageFeatures& image) {
  const auto map = [&](const Tensor& scores) { return anomaly_map(scores, s.image_size, s.blur); };
  if (s.score == ScoreKind::raw) return map(residual_norm(residual, Tensor::zeros(residual.shape())));
  const Tensor whitened = object.residual.distance(residual);
  if (s.score == ScoreKind::whitened) return map(whitened);
  Tensor fused = map(object.residual_scale(whitened));
  kernel::add_scaled(fused, 1, object.local_map(image, s));
  return fused;
}

}  // namespace iuf
