#pragma once

#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model.h"

namespace iuf {

/// Notes which of an object's normal images are photographs that other objects of the model were learned from, and for
/// which objects it cannot tell. Error where all are: they would be of both. Nearly constant frames are alike in every
/// product, and do not count.
void check_known_elsewhere(const Model& model, const std::string& name, SeenImages& seen, const Progress& progress);

/// Of a lot of normal images for one object of the model, those that another learned one fits better
/// (Judgement::fits_better), as a sibling's do: a note says how many, and which is the first. Where they are more than
/// half it is an Error, unless the caller is trusted: by them a threshold would rise over the object's own defects.
/// `images`: the places of those that count.
void refuse_other_object(const Model& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
                         const std::vector<size_t>& images, const FeatureCache& cache, Trust trust,
                         const Progress& progress);

}  // namespace iuf
