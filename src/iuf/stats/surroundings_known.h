#pragma once

#include <vector>

#include "iuf/stats/surroundings.h"

namespace iuf {

/// What the surroundings of earlier images say of the sums that they were fitted to, so that further images can join
/// them (SurroundingsInput::known). With A = V W and R = W^-1 T, which regresses y on c, they give
///
///   A^-1 A^-T    = E + residual_ridge G     E: the second moment of y - R c, G = W^-1 W^-T = M_yy + S_m + ridge D
///   M_yy         = E + R (M_cc + 2 context_ridge I) R^T
///   M_yc         = R (M_cc + context_ridge I)
///
/// with S_m the covariance of the places' means m, and D the channels' variances, M_yy + S_m, on the diagonal. So all
/// but the second moment of the surroundings, M_cc, is known; that of the further images stands in for it, as both show
/// one object.
class KnownSurroundings {
 public:
  /// context: M_cc, 8 K x 8 K, row-major.
  KnownSurroundings(const Surroundings& known, std::vector<double> context, const SurroundingsOptions& options);

  /// Of an image, on the average over the positions: M, the second moment of (y, c) off the known m.
  const std::vector<double>& moment() const { return moment_; }
  /// Sum over the positions of x, and of x x^T: C, C x C.
  std::vector<double> sum() const;
  std::vector<double> square() const;
  /// (V e)^2 of an image by the V W and V T of `now`, without what m has moved: of every position of the kept
  /// variances, h x h x C. What is known of it by the old V is turned into the new one as if channels were independent.
  std::vector<double> squares(const Surroundings& now) const;
  /// The places' means, as features of an image: rows * columns x C.
  const Tensor& places() const { return places_; }

 private:
  const Surroundings& known_;
  const SurroundingsOptions& options_;
  Tensor places_;
  std::vector<double> moment_;
};

/// Sums of c c^T over the positions of these images, off the m and by the B of `off`, 8 K x 8 K each: of the images in
/// no fold, then of each fold.
std::vector<std::vector<double>> context_sums(const SurroundingsInput& images, const Surroundings& off);

/// A map of positions on the grid of the features: h x h x C -> rows * columns x C.
Tensor on_grid(const Tensor& map, int64_t rows, int64_t columns);

}  // namespace iuf
