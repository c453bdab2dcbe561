#include "iuf/run/figure_doubts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "iuf/paper/metrics.h"
#include "iuf/run/text.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kFewestOfALabel = 5;
constexpr double kLeastOrder = 1.0 / 3, kMostOrder = 0.65;

}  // namespace

std::string passed_above_normal(const std::vector<ScoredImage>& images) {
  double highest = -std::numeric_limits<double>::infinity();
  size_t normal = 0, defects = 0;
  for (const ScoredImage& image : images) {
    if (image.decision() == Verdict::error) continue;
    ++(image.defect ? defects : normal);
    if (!image.defect) highest = std::max(highest, image.score);
  }
  if (normal < kFewestOfALabel || defects < kFewestOfALabel) return "";
  const auto passed = static_cast<size_t>(std::ranges::count_if(images, [&](const ScoredImage& image) {
    return image.defect && image.decision() == Verdict::ok && image.score > highest;
  }));
  if (2 * passed < defects) return "";
  return std::to_string(passed) + " of " + std::to_string(defects) +
         " defective test images pass, though they score above every normal one: the threshold is too high. Are there "
         "defects among the images to learn from? Else ask for more false alarms (`iuf calibrate`)";
}

std::string labels_without_order(const std::vector<ScoredImage>& images) {
  std::vector<float> scores;
  std::vector<uint8_t> labels;
  size_t recognised = 0, defects = 0;
  for (const ScoredImage& image : images) {
    if (image.decision() == Verdict::error) continue;
    scores.push_back(static_cast<float>(image.score));
    labels.push_back(image.defect);
    defects += image.defect;
    recognised += image.predicted_object == image.object;
  }
  if (2 * recognised < scores.size()) return "";
  const std::optional<double> auroc = rank_metrics(scores, labels).auroc;
  if (!auroc || *auroc <= kLeastOrder) return "";
  // Of the rank sum of scores that say nothing of labels.
  const auto m = static_cast<double>(defects), n = static_cast<double>(scores.size() - defects);
  const double deviation = std::sqrt((m + n + 1) / (12 * m * n));
  if (*auroc + 2 * deviation > kMostOrder) return "";
  return "scores tell normal and defective test images no better than chance does (image AUROC " + percent_text(auroc) +
         "): do the labels belong to these files? Else the model sees nothing of these defects";
}

}  // namespace iuf
