#pragma once

#include <map>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/features.h"
#include "iuf/learn/model.h"

namespace iuf {

/// Reads every image and every mask of these objects before work starts, and computes the features that are missing.
/// Throws one Error for all that cannot be used, the first few by name: images and masks that are damaged or gone,
/// masks of another size than their image, and photographs that contradict themselves: the same one of two objects, or
/// normal and defective, also where a defect differs from a training image by compression alone (near_copies.h).
/// Returns by object what to know of its images, one line each, and notes it: test images that are also training
/// images, and test images several times, with other masks. They stay in the figures.
std::map<std::string, std::vector<std::string>> check_images(const Dataset& data,
                                                             const std::vector<std::string>& objects,
                                                             const FeatureCache& cache, const Progress& progress);

/// The same of test images alone, for a model that is measured. What cannot be used is left to evaluate(); training
/// images are compared by the bytes of their files, and test images with the photographs that the model learned their
/// objects from, wherever these are now.
std::map<std::string, std::vector<std::string>> check_test_images(const Dataset& data,
                                                                  const std::vector<std::string>& objects,
                                                                  const Model& model, const FeatureCache& cache,
                                                                  const Progress& progress);

}  // namespace iuf
