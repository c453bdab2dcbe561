#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model.h"
#include "iuf/run/gallery.h"
#include "iuf/run/scores.h"
#include "iuf/run/step_result.h"
#include "iuf/settings/metrics.h"

namespace iuf {

struct ObjectEvaluation {
  ObjectResult result = {};
  std::vector<ScoredImage> images = {};  // in the data's order
};

/// Scores every test image of the objects (all of them known to the model). Progress counts images. An image that
/// cannot be judged, or a mask that cannot be used, costs the figures of its image alone: its line of the scores says
/// why, and ObjectResult::errors counts it. The pixels that are counted are those of `size`, by default the model's
/// setting `metrics-size`.
std::vector<ObjectEvaluation> evaluate(const Model& model, const Dataset& data, const std::vector<std::string>& objects,
                                       const FeatureCache& cache, const GalleryOptions& gallery,
                                       const Progress& progress, std::optional<MetricsSize> size = {});

/// The figures alone, and all scores as a CSV file.
std::vector<ObjectResult> results_of(const std::vector<ObjectEvaluation>& objects);
std::string scores_csv(const std::vector<ObjectEvaluation>& objects);

}  // namespace iuf
