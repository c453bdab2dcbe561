#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "iuf/paper/anomaly_map.h"
#include "iuf/stats/gaussian.h"

namespace iuf {

/// What is kept of an object: a Gaussian of its features, of what their reconstruction leaves, and of its local
/// features, and the scales of the distances to the last two. All are fitted to the positions of normal images.
struct ObjectStatistics {
  Gaussian feature;   // of F, C channels
  Gaussian residual;  // of F_rec - F, C channels
  Gaussian local;     // L channels
  ScoreScale residual_scale, local_scale;

  /// False for an object that is known by its name alone, because its network was trained elsewhere.
  bool fitted() const { return feature.mean.defined(); }
  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// The scales are not among the tensors.
  static ObjectStatistics load(const TensorFile& file, const std::string& prefix);
};

/// What the statistics see of one image.
struct Observation {
  Tensor feature;                                            // T x C: F, standardised
  Tensor residual;                                           // T x C: F_rec - F
  Tensor local;                                              // positions x L
  std::vector<std::pair<std::string, Tensor>> outputs = {};  // of every linear2 layer by name: 1 x T x hidden
};

struct StatisticsInput {
  size_t images = 0;                                        // at least 1, all of one object
  int64_t channels = 0, local_channels = 0;                 // C, L
  double ridge = 0;                                         // added to the diagonal of every covariance
  std::function<Observation(size_t image)> observe = {};    // thread-safe; asked for every image twice
  std::function<void(const Observation&)> first_time = {};  // told every image once, in order
  std::function<void()> progress = {};                      // after each of the 2 * images observations
};

/// Two passes over the images: the Gaussians, then the scales of the distances to them. The result depends neither on
/// the number of threads nor on which images are observed at once.
ObjectStatistics fit_statistics(const StatisticsInput& input);

}  // namespace iuf
