#pragma once

#include <cstdint>

#include "tensor/tensor.h"

namespace iuf {

/// Mean and covariance of few rows of many channels: the empirical covariance shrunk towards a multiple of the identity
/// by the share that minimises the expected squared error (Ledoit and Wolf 2004).
struct ShrunkGaussian {
  Tensor mean, covariance;  // C, C x C
  double shrinkage = 0;     // the identity's share, in [0, 1]

  /// `count` rows drawn from N(mean, covariance): count x C. A pure function of the stream.
  Tensor sample(int64_t count, uint64_t stream) const;
};
/// rows: n x C, n >= 1.
ShrunkGaussian ledoit_wolf(const Tensor& rows);

}  // namespace iuf
