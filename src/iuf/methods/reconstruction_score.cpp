#include "iuf/methods/reconstruction_score.h"

#include <algorithm>

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

}  // namespace iuf
