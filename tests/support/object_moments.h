#pragma once

#include "tensor/random.h"
#include "tensor/tensor.h"

namespace iuf {

/// Channel moments of an image: those of its object, and noise of this deviation; `shift` moves all means.
inline Tensor object_moments(uint64_t seed, double deviation, double shift) {
  constexpr int64_t kChannels = 16;
  Tensor noise({2 * kChannels}), m({2 * kChannels});
  fill_normal(noise, 0, 1, seed);
  for (int64_t c = 0; c < kChannels; ++c) {
    m.data()[c] = static_cast<real>(deviation * static_cast<double>(noise.data()[c]) + shift);
    m.data()[kChannels + c] = static_cast<real>(1 + 0.1 * static_cast<double>(noise.data()[kChannels + c]));
  }
  return m;
}

}  // namespace iuf
