#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/features/cache_bound.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model_versions.h"
#include "iuf/run/step_result.h"

namespace iuf {

/// What becomes of a model's history once it was measured again.
enum class History { keep, record };

struct ModelEvaluationOptions {
  std::filesystem::path model, data;              // model: its file, or the folder of its run
  std::vector<std::string> objects = {};          // empty: all that the model knows and the data has
  std::optional<std::filesystem::path> csv = {};  // gets the score of every image
  CachePlace cache = {};                          // default: beside the model
  History history = History::keep;
  std::optional<std::string> metrics_size = {};  // as the setting `metrics-size`; default: the model's
  VersionLimits versions = {};                   // of the model's predecessors
};

struct ModelEvaluation {
  StepMatrix image, pixel;  // the model's history, its last row as measured now
  std::vector<ObjectResult> per_object;
  std::vector<std::string> not_in_data;   // objects of the model that the data lacks
  std::vector<std::string> not_in_model;  // objects of the data that the model does not know
};

/// Measures a model on a data set's test images; what is not measured is n/a in the last row of what it returns. With
/// `History::record` the measured AUROC become the last row of the model's history; what was not measured keeps its
/// value. They must be of the model's own `metrics-size` then, as the rows before. Progress counts images, and notes
/// the objects that only the model or only the data has. Throws Error for an object that the model does not know, for
/// a metrics_size that is none, and where nothing is left to measure.
ModelEvaluation evaluate_model(const ModelEvaluationOptions& options, const Progress& progress);

}  // namespace iuf
