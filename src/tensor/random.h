#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace iuf {

/// Counter-based random numbers: a value is a pure function of (key, index), so that a stored key is a stored state and
/// every thread can compute its share.
uint64_t mix_key(uint64_t a, uint64_t b);

/// A key and a counter of the streams drawn from it. Copy it to replay, store `key` and `next` to resume.
struct Random {
  uint64_t key = 0;
  uint64_t next = 0;
  /// A fresh stream, different for every call.
  uint64_t stream() { return mix_key(key, next++); }
};

/// Fills x with uniform numbers in [low, high) of the stream.
void fill_uniform(Tensor& x, real low, real high, uint64_t stream);
/// Fills x with normal numbers (Box-Muller) of the stream.
void fill_normal(Tensor& x, real mean, real deviation, uint64_t stream);
/// 0..n-1 in random order (Fisher-Yates).
std::vector<int64_t> random_permutation(int64_t n, uint64_t stream);

}  // namespace iuf
