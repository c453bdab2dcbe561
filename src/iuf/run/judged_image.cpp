#include "iuf/run/judged_image.h"

#include <algorithm>

#include "iuf/learn/recalibration.h"
#include "iuf/run/heatmap.h"
#include "iuf/run/verdict_log.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

Image ScoreMap::over(const Image& photograph) const {
  const auto side = static_cast<int>(scores.dim(0));
  Image heatmap = overlay(photograph, scores.span(), side, side, static_cast<float>(low), static_cast<float>(high));
  if (ignored) hatch_ignored(heatmap, photograph, *ignored);
  return heatmap;
}

ScoreMap judge_image(const Model& model, const Image& image, std::optional<int64_t> expected, Prediction& p) {
  const Judgement j = model.judge(image, expected);
  const ObjectRecord& object = model.objects().at(static_cast<size_t>(j.object));
  p.width = image.width;
  p.height = image.height;
  p.score = j.score;
  p.threshold = object.threshold;
  p.object = object.name;
  p.confidence = j.confidence;
  p.novelty = j.novelty;
  if (j.fits_better) p.fits_better = model.objects().at(static_cast<size_t>(*j.fits_better)).name;
  p.scaled_score = scaled_score(object, j.score);
  if (!j.map.defined()) return {};
  if (object.threshold && j.score > *object.threshold)
    p.regions = defect_regions(j.map.span(), model.settings().image_size, *object.threshold, image.width, image.height);
  // Without normal images to tell what is usual, an image's colours span its own scores.
  const auto [lowest, highest] = std::ranges::minmax(j.map.span());
  return {.scores = j.map,
          .low = object.low.value_or(static_cast<double>(lowest)),
          .high = object.high.value_or(static_cast<double>(highest)),
          .ignored = j.ignored};
}

ScoreMap judge_photograph(const Model& model, const Photograph& photograph, std::optional<int64_t> expected,
                          Prediction& p) {
  p.time = utc_milliseconds();
  p.photograph = photograph_hash(photograph);
  ScoreMap map;
  try {
    map = judge_image(model, photograph.image, expected, p);
  } catch (const Error& e) {
    fail(escaped(p.file), ": ", e.what());
  }
  if (!map.scores.defined())
    for (std::string* picture : {&p.heatmap, &p.mask, &p.map}) picture->clear();
  return map;
}

}  // namespace iuf
