#pragma once

#include <vector>

#include "iuf/features/progress.h"
#include "iuf/learn/model.h"

namespace iuf {

/// Notes which of an object's normal images are photographs that other objects of the model were learned from, and for
/// which objects it cannot tell. Error where all are: they would be of both. Nearly constant frames are alike in every
/// product, and do not count.
void check_known_elsewhere(const Model& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
                           const FeatureCache& cache, const Progress& progress);

}  // namespace iuf
