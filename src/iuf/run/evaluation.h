#pragma once

#include <filesystem>
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

/// Scores every test image of the objects (all of them known to the model). Progress counts images.
std::vector<ObjectEvaluation> evaluate(const Model& model, const Dataset& data, const std::vector<std::string>& objects,
                                       const FeatureCache& cache, const GalleryOptions& gallery,
                                       const Progress& progress);

/// The figures alone, and all scores as a CSV file.
std::vector<ObjectResult> results_of(const std::vector<ObjectEvaluation>& objects);
std::string scores_csv(const std::vector<ObjectEvaluation>& objects);

/// The objects that a model knows and the data has, in the order of learning; if some were asked for, those. `missing`
/// gets the ones that the data lacks. Throws Error for an unknown object, and where nothing is left.
std::vector<std::string> objects_to_evaluate(const Model& model, const Dataset& data,
                                             const std::vector<std::string>& asked, std::vector<std::string>& missing);
/// Makes what was measured the last row of the model's history. What was not measured keeps its recorded value.
void record_in_history(Model& model, const std::vector<ObjectEvaluation>& objects);

/// A defect mask at the model's size: nearest neighbour, 0 or 255. A mask of another size than its image is an Error.
std::vector<uint8_t> mask_at(const std::filesystem::path& mask, int image_width, int image_height, int64_t size);

}  // namespace iuf
