#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "iuf/features/features.h"
#include "iuf/features/training_image.h"

// Several photographs of one part, taken out and put back, or moved a little: each repeats what the others show, so
// that statistics and thresholds take few parts for many.
namespace iuf {

/// For each of these pictures (N x kShotSide x kShotSide, gray) the first one that shows the same part, which may be
/// itself. `used`: kShotSide x kShotSide, 0 where nothing is compared.
///
/// Two pictures are as different as what remains of one when the other is moved, turned by a few degrees and made
/// lighter so that it fits best: the share of the energy, without what is smoother than three pixels, and but for a
/// seventh at each border. Shots of one part leave little, and much less than two parts do: the pictures are of fewer
/// parts where, of the edges of their minimum spanning tree, in order, a tenth (at least three) lie below kMostLeft and
/// the next one is kLeastStep times as long (kLeastStepOfFew, of less than kFew pictures). Parts alone have no such
/// step: their edges grow evenly.
std::vector<size_t> first_shots(const Tensor& pictures, const std::vector<uint8_t>& used);
constexpr int64_t kShotSide = 56;
constexpr double kMostLeft = 0.03, kLeastStep = 3, kLeastStepOfFew = 5;
constexpr size_t kFewestShots = 8, kFew = 20;

/// The same of images that the cache read before, without what is ignored. Beyond kMostShots images, and where the
/// model sees less than kShotSide pixels a side, none is looked for.
std::vector<size_t> first_shots(const std::vector<TrainingImage>& images, const FeatureCache& cache,
                                const std::shared_ptr<const IgnoredRegion>& ignored);
constexpr size_t kMostShots = 2000;

}  // namespace iuf
