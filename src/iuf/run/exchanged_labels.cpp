#include "iuf/run/exchanged_labels.h"

#include <algorithm>
#include <optional>

#include "iuf/paper/metrics.h"
#include "iuf/run/text.h"
#include "iuf/stats/rank_sum.h"

namespace iuf {
namespace {

constexpr double kFarBelow = 1.0 / 3, kRareAmongAll = 0.01;

}  // namespace

std::string exchanged_labels(const std::vector<ScoredImage>& images, size_t objects) {
  std::vector<double> scores;
  std::vector<float> rounded;
  std::vector<uint8_t> labels;
  size_t recognised = 0;
  for (const ScoredImage& image : images) {
    if (image.decision() == Verdict::error) continue;
    scores.push_back(image.score);
    rounded.push_back(static_cast<float>(image.score));
    labels.push_back(image.defect);
    recognised += image.predicted_object == image.object;
  }
  if (2 * recognised < scores.size()) return "";
  const std::optional<double> auroc = rank_metrics(rounded, labels).auroc;
  if (!auroc || *auroc > kFarBelow) return "";
  const double chance = chance_of_lower_auroc(scores, labels) * static_cast<double>(std::max<size_t>(objects, 1));
  if (chance >= kRareAmongAll) return "";
  return "normal test images score higher than defective ones (image AUROC " + percent_text(auroc) +
         ", and chance alone gives one as low in " + (chance < 0.0005 ? "less than 0.1" : percent_text(chance)) +
         " % of all cases): are the labels or folders of good and defective ones exchanged? If not, the normal ones to "
         "test differ from those to learn from";
}

}  // namespace iuf
