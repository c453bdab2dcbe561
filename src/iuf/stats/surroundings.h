#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iuf/stats/folds.h"
#include "nn/safetensors.h"
#include "tensor/tensor.h"

namespace iuf {

/// Normal local features of an object, each judged given its place and its surroundings. Where a product lies still,
/// its place says what a position looks like; where a pattern goes on, its neighbours do. What both leave unexplained
/// is measured by a normal distribution. With x_p the C features of position p of a grid:
///
///   y_p = x_p - m_p                     m_p: the mean of this position over the images
///   c_p = (B y)(p, k), k = 1 .. 8       the surroundings: in each of 8 directions, the mean of B y over the cells at
///                                       distances `nearest` to `farthest`, borders replicated; 8 K values
///   e_p = W y_p - T c_p                 W whitens the channels; T: ridge regression of W y on c over all positions
///   d_p^2 = sum_i (V e_p)_i^2 / v_pi    V whitens e; v_p: variance of V e at this position
///
/// With S the correlation of all positions' channels and s their deviations (at least a tenth of their root mean
/// square), L L^T = S + ridge I, W = L^-1 diag(1 / s); B: the first K principal components of x / s, scaled to variance
/// 1; V: the inverse Cholesky factor of the second moment of e + residual_ridge I; v: shrunk towards 1, what V makes of
/// it on the average.
///
/// Kept are V W and V T side by side, B, and the maps m and v, which are interpolated on finer grids: they have about
/// `largest_map` and `largest_variance_map` squared positions at most. With C = 152 channels that is 0.79 MB, whatever
/// the grid. The maps hold numbers of half precision: what a fit finds is rounded, and files keep them so.
struct Surroundings {
  Tensor mean;                    // h x h x C: m
  Tensor variance;                // h x h x C: v, above 0
  Tensor basis;                   // K x C: B
  Tensor weight;                  // C x (C + 8 K): (V W, -V T)
  int64_t rows = 0, columns = 0;  // of the grid
  int64_t nearest = 0, farthest = 0;

  /// d of every position of an image: rows * columns x C -> rows x columns. Throws Error, as the next two do, for
  /// another grid or other channels.
  Tensor distance(const Tensor& local) const;
  /// (y, c): rows * columns x (C + 8 K).
  Tensor deviations(const Tensor& local) const;
  /// V e: rows * columns x C.
  Tensor unexplained(const Tensor& local) const;

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// Throws Error naming the file for what no fit gives.
  static Surroundings load(const TensorFile& file, const std::string& prefix);
};

struct SurroundingsOptions {
  double ridge = 0.01;
  int64_t components = 40;            // K; all channels where there are fewer
  int64_t nearest = 2, farthest = 3;  // in cells; nearer ones share pixels with the position (3 x 3 averages)
  double context_ridge = 0.01;        // of the regression, beside the mean squares of c
  double residual_ridge = 0.05;
  double shrink = 0.5;  // 1: the same variances everywhere
  int64_t largest_map = 28, largest_variance_map = 28;
  bool half = true;  // round the maps
};

struct SurroundingsInput {
  size_t images = 0;                          // at least 1, all of one object
  int64_t rows = 0, columns = 0;              // of the grid; 0: a square one
  std::function<Tensor(size_t image)> local;  // rows * columns x C; thread-safe; asked kSurroundingsPasses times
  std::function<void()> progress = [] {};     // after each of these
  SurroundingsOptions options = {};
  /// The fold of every image (kNoFold: in none), or empty: none is in one.
  std::vector<int64_t> folds = {};
  /// What was fitted to earlier images of the object, with the same options, and how many they were: the images join
  /// them (KnownSurroundings). Must outlive the call.
  const Surroundings* known = nullptr;
  int64_t known_images = 0;
  /// Told d (rows x columns) of every image that is in a fold, by statistics that have not seen its fold. Called on one
  /// thread, in no order to rely on.
  std::function<void(size_t image, const Tensor& distance)> unseen = {};
};
/// How often fit_surroundings asks for an image, and once more for one that is in a fold.
constexpr int64_t kSurroundingsPasses = 3;

/// Three passes over the images, in double: places and channels, the regression, the variances. Of a single image,
/// which cannot say how its places vary, m is the mean of all positions. The result does not depend on the number of
/// threads. Errors: features that are not finite, or of several shapes.
///
/// A fourth pass judges the images of each fold by what is left of the sums without them: m, T, V and v. W and B stay
/// those of all images. The moments that T and V are made of stay deviations from the m of all images, a relative
/// difference of 1 / (images * folds), and v is taken of the e of all images.
///
/// Where others are known, m is the mean of all images, as kept; B stays; W, T, V and v come from the sums of the
/// images and from what is known of the earlier ones, which are in everybody's statistics. Another grid than theirs is
/// an Error.
Surroundings fit_surroundings(const SurroundingsInput& input);

}  // namespace iuf
