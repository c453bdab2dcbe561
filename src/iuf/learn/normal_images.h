#pragma once

#include <string>
#include <vector>

#include "iuf/features/progress.h"
#include "iuf/learn/method.h"
#include "iuf/stats/outliers.h"

namespace iuf {

/// Three digits, as remarks give scores.
std::string rounded(double value);

/// Novelty up to which an image looks like an object's own. The limit of an object whose images differ much, 1, also
/// holds other products (hazelnuts for cookies from 0.89 on); another batch of the same product stays below 0.7.
constexpr double kAlikeNovelty = 0.75;

/// The channel moments of these images, in their order.
std::vector<Tensor> moments_of(const StepData& data, const std::vector<TrainingImage>& images);

/// Names those of these images, a `kind` such as "normal images", that are unlike the others, with their values of
/// `what`, such as "score"; `result` says what became of them.
std::string outliers_text(const std::string& kind, const std::vector<TrainingImage>& images, const Outliers& outliers,
                          const std::string& what, const std::string& result);

/// The same of images that as a whole are unlike the others: a few of them (most_outliers) are not learned from.
std::string unlike_text(const std::vector<TrainingImage>& images, const Outliers& unlike);

/// Where these images, by their moments, are of two kinds (two_kinds.h): a sentence with one of each; otherwise empty.
std::string kinds_text(const std::vector<TrainingImage>& images, const std::vector<Tensor>& moments);

}  // namespace iuf
