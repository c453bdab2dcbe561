#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "iuf/run/scores.h"

namespace iuf {

/// What is said of an object's test images where normal ones score higher than defective ones: the image AUROC is at
/// most a third, and chance alone gives one as low in less than one of a hundred cases (chance_of_lower_auroc), for all
/// `objects` that are measured together. Folders or labels for good and defective are exchanged, or the normal test
/// images are others than those to learn from. Empty otherwise, and where most images are judged as another object: the
/// scores of a method that has forgotten this one say nothing of labels.
std::string exchanged_labels(const std::vector<ScoredImage>& images, size_t objects);

/// What is said where scores tell defective images from normal ones no better than chance: the image AUROC is above a
/// third (below, exchanged_labels() asks), and two standard deviations of that of chance above it are at most 0.65.
/// Empty otherwise, and where most images are judged as another object.
std::string labels_without_order(const std::vector<ScoredImage>& images);

/// What is said of both labels together where they are so few that chance alone gives an image AUROC of 100 in one of a
/// hundred cases or more, such as 2 and 2 (one of 6) or 1 and 30. Empty otherwise, and where one label is absent.
std::string too_few_to_rank(const std::vector<ScoredImage>& images);

}  // namespace iuf
