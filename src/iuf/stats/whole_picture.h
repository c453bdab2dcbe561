#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "iuf/stats/gaussian.h"
#include "tensor/tensor.h"

namespace iuf {

/// What a picture is composed of, wherever it lies: of the last `channels` of its local features (positions x C), the
/// mean over all positions and the logarithm of the standard deviation. 1 x 2 `channels`. Pooled features of deep
/// layers under a normal distribution tell odd pictures apart (Rippel, Mertens and Merhof 2020).
Tensor composition(const Tensor& local, int64_t channels);

/// The compositions of an object's normal images, a row each, as a normal distribution. Images are fewer than its
/// dimensions: every dimension is scaled to deviation 1, and the covariance shrunk (ledoit_wolf).
class WholePictureFit {
 public:
  /// compositions: n x D, n >= 1. folds: of every row (stats/folds.h). They join what was fitted to `known_images`
  /// earlier ones, where there is one. Errors: features that are not finite.
  WholePictureFit(Tensor compositions, std::vector<int64_t> folds, const Gaussian* known = nullptr,
                  int64_t known_images = 0);
  /// Of all rows, or of all but those of a fold. Of a single row, which says nothing of its spread, every dimension has
  /// the least one.
  Gaussian finish(int64_t without = kNoFold) const;

 private:
  // Of a normal distribution that was fitted to so many images.
  struct Moments {
    double images = 0;
    std::vector<double> mean, covariance;
  };
  static Moments moments_of(const Tensor& rows);
  static Moments joined(const Moments& a, const Moments& b);

  Tensor rows_;
  std::vector<int64_t> folds_;
  std::optional<Moments> known_;
};

}  // namespace iuf
