#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "iuf/methods/local_views.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/settings/settings.h"
#include "iuf/stats/gaussian.h"

namespace iuf {

/// What judges the local features, where the score takes them in; else the Gaussian.
LocalKind local_kind(const Settings& settings);

/// One Gaussian for the local features of all positions, and the scale of the distances to it.
struct LocalGaussian {
  Gaussian gaussian;  // L channels
  ScoreScale scale = {};
  /// image_size x image_size, of these distances, standardised.
  Tensor map(const Tensor& distance, const Settings& settings) const;
};

/// What is kept of an object: a Gaussian of its features, of what their reconstruction leaves, and of its local
/// features, or these given their places and surroundings, and the scales of the distances to the last two. All are
/// fitted to the positions of normal images.
struct ObjectStatistics {
  Gaussian feature;   // of F, C channels
  Gaussian residual;  // of F_rec - F, C channels
  ScoreScale residual_scale;
  std::variant<LocalGaussian, LocalViews> local;

  /// The map: image_size x image_size, the standardised distances of the local features.
  ImageScores local_scores(const ImageFeatures& image, const Settings& settings) const;

  /// False for an object that is known by its name alone, because its network was trained elsewhere.
  bool fitted() const { return feature.mean.defined(); }
  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// Mean and deviation of the residual and of what judges the local features, which are not among the tensors.
  std::vector<double> scales() const;
  static ObjectStatistics load(const TensorFile& file, const std::string& prefix, const Settings& settings,
                               const std::vector<double>& scales);
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
  std::function<Observation(size_t image)> observe = {};    // thread-safe; asked for every image twice
  std::function<ImageFeatures(size_t image)> load = {};     // thread-safe; only where LocalViews judge
  std::function<void(const Observation&)> first_time = {};  // told every image once, in order
  std::function<void()> progress = {};                      // after each of passes(settings) * images
  std::vector<int64_t> folds = {};                          // of every image (stats/folds.h), or empty
  /// Of earlier images of the object, which these join: Gaussians become those of all, the scales stay. Outlives the
  /// call.
  const ObjectStatistics* known = nullptr;
  int64_t known_images = 0;
  /// Told the scores of every image that is in a fold, by statistics that have not seen its fold. Called on one thread,
  /// in order.
  std::function<void(size_t image, const ImageScores& scores)> unseen = {};
};
int64_t passes(const Settings& settings);

/// Two passes over the images: the Gaussians, then the scales of the distances to them; and those of LocalViews where
/// these judge the local features. The result depends neither on the number of threads nor on which images are observed
/// at once.
ObjectStatistics fit_statistics(const StatisticsInput& input, const Settings& settings, const BackboneInfo& backbone);

/// The scores (map: image_size x image_size) of an image that shows this object, by the settings' kind of score:
/// raw: ||R||; whitened: sqrt(R^T S^-1 R); fused: that plus the distance of the local features, both standardised.
/// residual: R = F_rec - F, T x C. All but raw need the object's statistics.
ImageScores reconstruction_scores(const Settings& settings, const ObjectStatistics& object, const Tensor& residual,
                                  const ImageFeatures& image);

}  // namespace iuf
