#pragma once

#include <string>

#include "iuf/image/ignored_region.h"
#include "iuf/settings/settings.h"
#include "tensor/tensor.h"

namespace iuf {

/// The map of an image's scores on a token grid (rows x columns, or T values of a square one): size x size, upsampled
/// bilinearly with corners aligned, and blurred where sigma (in pixels) is above 0.
Tensor anomaly_map(const Tensor& scores, int64_t size, double sigma);

/// Mean and deviation of the scores of normal images' positions: what makes maps of different kinds and objects
/// comparable.
struct ScoreScale {
  double mean = 0, deviation = 1;
  Tensor operator()(const Tensor& scores) const;  // (scores - mean) / deviation
  /// As it stands in this file. Throws Error naming the file unless the mean is finite and the deviation above 0.
  static ScoreScale stored(double mean, double deviation, const std::string& file);
};

/// Finds it from the scores of many images; keeps three sums, in double.
class ScoreScaleFit {
 public:
  void add(const Tensor& scores);
  /// The deviation is at least 1e-6. Scores that are not finite are an Error.
  ScoreScale finish() const;

 private:
  double count_ = 0, sum_ = 0, squares_ = 0;
};

/// The score of an image from its map (size x size): as the settings say.
double image_score(const Tensor& map, Pooling pooling);
/// The same of what is not ignored. Of means over patches, those count of whose pixels at least half are not ignored,
/// or all where there is no such patch.
double image_score(const Tensor& map, Pooling pooling, const IgnoredRegion& ignored);

/// How odd an image is: where, and as a whole.
struct ImageScores {
  Tensor map;
  double whole = 0;
};
inline double image_score(const ImageScores& scores, Pooling pooling) {
  return image_score(scores.map, pooling) + scores.whole;
}

}  // namespace iuf
