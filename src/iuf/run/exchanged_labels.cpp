#include "iuf/run/exchanged_labels.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "iuf/paper/metrics.h"
#include "iuf/run/text.h"
#include "iuf/stats/rank_sum.h"

namespace iuf {
namespace {

constexpr double kFarBelow = 1.0 / 3, kRareAmongAll = 0.01, kMostOrder = 0.65;

// Scores and labels of the images that were judged.
struct Labelled {
  std::vector<double> scores = {};
  std::vector<uint8_t> labels = {};
  size_t recognised = 0, defects = 0;

  explicit Labelled(const std::vector<ScoredImage>& images) {
    for (const ScoredImage& image : images) {
      if (image.decision() == Verdict::error) continue;
      scores.push_back(image.score);
      labels.push_back(image.defect);
      defects += image.defect;
      recognised += image.predicted_object == image.object;
    }
  }
  // Absent where one label is, and where most images are judged as another object.
  std::optional<double> auroc() const {
    if (2 * recognised < scores.size()) return std::nullopt;
    return rank_metrics(std::vector<float>(scores.begin(), scores.end()), labels).auroc;
  }
};

}  // namespace

std::string exchanged_labels(const std::vector<ScoredImage>& images, size_t objects) {
  const Labelled all(images);
  const std::optional<double> auroc = all.auroc();
  if (!auroc || *auroc > kFarBelow) return "";
  const double chance =
      chance_of_lower_auroc(all.scores, all.labels) * static_cast<double>(std::max<size_t>(objects, 1));
  if (chance >= kRareAmongAll) return "";
  return "normal test images score higher than defective ones (image AUROC " + percent_text(auroc) +
         ", and chance alone gives one as low in " + (chance < 0.0005 ? "less than 0.1" : percent_text(chance)) +
         " % of all cases): are the labels or folders of good and defective ones exchanged? If not, the normal ones to "
         "test differ from those to learn from";
}

std::string labels_without_order(const std::vector<ScoredImage>& images) {
  const Labelled all(images);
  const std::optional<double> auroc = all.auroc();
  if (!auroc || *auroc <= kFarBelow) return "";
  // Of the rank sum of scores that say nothing of labels.
  const auto m = static_cast<double>(all.defects), n = static_cast<double>(all.scores.size() - all.defects);
  const double deviation = std::sqrt((m + n + 1) / (12 * m * n));
  if (*auroc + 2 * deviation > kMostOrder) return "";
  return "scores tell normal and defective test images no better than chance does (image AUROC " + percent_text(auroc) +
         "): do the labels belong to these files? Else the model sees nothing of these defects";
}

std::string too_few_to_rank(const std::vector<ScoredImage>& images) {
  const Labelled all(images);
  const size_t normal = all.scores.size() - all.defects, fewer = std::min(all.defects, normal);
  double chance = 1;  // of all defects above all normal ones: one of the ways to choose them
  for (size_t k = 1; k <= fewer; ++k)
    chance *= static_cast<double>(k) / static_cast<double>(all.scores.size() - fewer + k);
  if (fewer == 0 || chance < kRareAmongAll) return "";
  return std::to_string(normal) + " normal and " + std::to_string(all.defects) +
         " defective test images: chance alone gives an image AUROC of 100 in " + percent_text(chance) +
         " % of all cases, so that it says little";
}

}  // namespace iuf
