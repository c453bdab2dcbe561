#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "iuf/paper/anomaly_map.h"
#include "iuf/settings/settings.h"
#include "iuf/stats/gaussian.h"
#include "iuf/stats/surroundings.h"

namespace iuf {

enum class LocalKind { gaussian, surroundings };  // one for all positions, or given their places and neighbours
inline Choices<LocalKind> choices(LocalKind) {
  return {{"gaussian", LocalKind::gaussian}, {"surroundings", LocalKind::surroundings}};
}

/// The local features' share of the fused score.
struct LocalSettings {
  static constexpr const char* group = "Score";
  LocalKind local = LocalKind::surroundings;

  void visit(const Fields& field) { field("local", local, "fused score: what judges the local features"); }
};
/// What judges them, where the score takes them in; else the Gaussian.
LocalKind local_kind(const Settings& settings);

/// What is kept of an object: a Gaussian of its features, of what their reconstruction leaves, and of its local
/// features, or these given their places and surroundings, and the scales of the distances to the last two. All are
/// fitted to the positions of normal images.
struct ObjectStatistics {
  Gaussian feature;                            // of F, C channels
  Gaussian residual;                           // of F_rec - F, C channels
  std::variant<Gaussian, Surroundings> local;  // L channels
  ScoreScale residual_scale, local_scale;

  /// Of every position of an image's local features.
  Tensor local_distance(const Tensor& features) const;

  /// False for an object that is known by its name alone, because its network was trained elsewhere.
  bool fitted() const { return feature.mean.defined(); }
  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// The scales are not among the tensors.
  static ObjectStatistics load(const TensorFile& file, const std::string& prefix, LocalKind local);
};

/// What the statistics see of one image.
struct Observation {
  Tensor feature;                                            // T x C: F, standardised
  Tensor residual;                                           // T x C: F_rec - F
  Tensor local;                                              // positions x L
  std::vector<std::pair<std::string, Tensor>> outputs = {};  // of every linear2 layer by name: 1 x T x hidden
};

struct StatisticsInput {
  size_t images = 0;                         // at least 1, all of one object
  int64_t channels = 0, local_channels = 0;  // C, L
  double ridge = 0;                          // added to the diagonal of every covariance
  LocalKind local_kind = LocalKind::gaussian;
  std::function<Observation(size_t image)> observe = {};    // thread-safe; asked for every image twice
  std::function<Tensor(size_t image)> local = {};           // the local features alone; only for their surroundings
  std::function<void(const Observation&)> first_time = {};  // told every image once, in order
  std::function<void()> progress = {};                      // after each of passes(local_kind) * images
};
int64_t passes(LocalKind local);

/// Two passes over the images: the Gaussians, then the scales of the distances to them; between these, the passes of
/// fit_surroundings where that is wanted. The result depends neither on the number of threads nor on which images are
/// observed at once.
ObjectStatistics fit_statistics(const StatisticsInput& input);

}  // namespace iuf
