#include "iuf/run/figure_doubts.h"

#include <algorithm>
#include <limits>

namespace iuf {
namespace {

constexpr size_t kFewestOfALabel = 5;

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

}  // namespace iuf
