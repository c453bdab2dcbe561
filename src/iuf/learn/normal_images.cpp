#include "iuf/learn/normal_images.h"

#include <algorithm>
#include <cstdio>

#include "iuf/stats/novelty.h"
#include "iuf/stats/two_kinds.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kNamed = 5;

}  // namespace

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::vector<Tensor> moments_of(const StepData& data, const std::vector<TrainingImage>& images) {
  std::vector<Tensor> moments(images.size());
  parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t i, int64_t) {
    const auto at = static_cast<size_t>(i);
    moments[at] = channel_moments(data.local_features(images[at]));
  });
  return moments;
}

std::string outliers_text(const std::string& kind, const std::vector<TrainingImage>& images, const Outliers& outliers,
                          const std::string& what, const std::string& result) {
  const size_t count = outliers.which.size();
  std::string names;
  for (size_t k = 0; k < std::min(count, kNamed); ++k)
    names += (k ? ", " : "") + plain_text(images[outliers.which[k]].file) + " (" + what + " " +
             rounded(outliers.values[k]) +
             (k ? ")" : " where the others reach " + rounded(outliers.largest_of_others) + ")");
  if (count > kNamed) names += ", ...";
  return std::to_string(count) + " of " + std::to_string(images.size()) + " " + kind + " " +
         (count == 1 ? "is" : "are") + " unlike the others: " + names + "; " + result;
}

std::string unlike_text(const std::vector<TrainingImage>& images, const Outliers& unlike) {
  return outliers_text(
      "normal images", images, unlike, "distance",
      unlike.which.size() <= most_outliers(images.size())
          ? "not learned from, and not used for the threshold; look at them: if they are normal, add more like them"
          : "learned from, as they are so many; are there two kinds of parts? Learn each as an object of its own");
}

std::string kinds_text(const std::vector<TrainingImage>& images, const std::vector<Tensor>& moments) {
  const std::vector<size_t> second = second_kind(moments);
  if (second.empty()) return "";
  size_t other = 0;  // the first that is of the other kind
  while (std::ranges::binary_search(second, other)) ++other;
  return "the normal images are of two kinds with a clear gap between, such as " +
         plain_text(images[second.front()].file) + " and " + plain_text(images[other].file) +
         ": two products? Parts of one pass for the other then; learn each as an object of its own";
}

}  // namespace iuf
