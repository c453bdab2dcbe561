#pragma once

#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/data/progress.h"
#include "iuf/learn/model.h"
#include "iuf/run/gallery.h"
#include "iuf/run/scores.h"
#include "iuf/run/step_result.h"

namespace iuf {

struct ObjectEvaluation {
  ObjectResult result = {};
  std::vector<ScoredImage> images = {};  // in the data's order
};

/// Scores every test image of the objects (all of them known to the model). Progress counts images. A mask of another
/// size than its image is an Error.
std::vector<ObjectEvaluation> evaluate(const Model& model, const Dataset& data, const std::vector<std::string>& objects,
                                       const FeatureCache& cache, const GalleryOptions& gallery,
                                       const Progress& progress);

/// The figures alone, and all scores as a CSV file.
std::vector<ObjectResult> results_of(const std::vector<ObjectEvaluation>& objects);
std::string scores_csv(const std::vector<ObjectEvaluation>& objects);

}  // namespace iuf
