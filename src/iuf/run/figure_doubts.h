#pragma once

#include <string>
#include <vector>

#include "iuf/run/scores.h"

// What an object's test images say against its threshold or its labels.
namespace iuf {

/// What is said where at least half of the defective images (of 5 or more) score above every normal test image (of 5 or
/// more) and pass all the same: the threshold comes from images with defects among them, or from odd ones. Empty
/// otherwise.
std::string passed_above_normal(const std::vector<ScoredImage>& images);

}  // namespace iuf
