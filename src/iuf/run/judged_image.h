#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "iuf/image/image.h"
#include "iuf/image/photograph.h"
#include "iuf/run/prediction.h"

namespace iuf {

/// An anomaly map, and the scores at the ends of its colour scale.
struct ScoreMap {
  Tensor scores = {};  // image_size x image_size; undefined where the method draws none
  double low = 0, high = 1;
  std::shared_ptr<const IgnoredRegion> ignored = {};  // Judgement::ignored

  /// Laid over its photograph, as `iuf predict` draws it.
  Image over(const Image& photograph) const;
};

/// Judges an image that is as FeatureExtractor::read leaves it, against the object of this number where one is
/// expected. The one way from pixels to what users are told: fills in all of the prediction that the model says.
ScoreMap judge_image(const Model& model, const Image& image, std::optional<int64_t> expected, Prediction& prediction);

/// The same of a photograph: an Error of the judgement names its file, and the prediction is told the time and the
/// photograph, and loses the names of pictures that the method does not draw.
ScoreMap judge_photograph(const Model& model, const Photograph& photograph, std::optional<int64_t> expected,
                          Prediction& prediction);

}  // namespace iuf
