#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "iuf/methods/object_statistics.h"
#include "iuf/settings/settings.h"

namespace iuf {

/// Which of the objects an image shows, and how sure that is (0 to 1): the one whose features' Gaussian fits best, or
/// the classifier's choice where the settings say so or an object has no Gaussian. Object 0, not sure at all, where
/// neither is there. Where an object is expected, that one, how sure it is, and thirdly the one that fits better, if
/// another does. feature: T x C, standardised; logits: one a known object, or undefined without a discriminator.
std::tuple<int64_t, double, std::optional<int64_t>> recognise(const Settings& settings,
                                                              const std::vector<ObjectStatistics>& objects,
                                                              const Tensor& feature, const Tensor& logits,
                                                              std::optional<int64_t> expected = std::nullopt);

}  // namespace iuf
