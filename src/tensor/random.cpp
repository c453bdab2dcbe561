#include "tensor/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

// A uniform number in (0, 1) with 53 random bits.
double uniform(uint64_t stream, uint64_t i) {
  return (static_cast<double>(mix_key(stream, i) >> 11) + 0.5) * 0x1p-53;
}

constexpr uint32_t kNormals = 32;  // that are made at once

// Box and Muller: two uniform numbers make two normal ones.
IUF_SIMD void normal_block(uint64_t stream, uint32_t block, real mean, real deviation, real* out) {
#pragma omp simd
  for (uint32_t i = 0; i < kNormals / 2; ++i) {
    const uint32_t first = simd::random_bits(stream, block * kNormals + i),
                   second = simd::random_bits(stream, block * kNormals + kNormals / 2 + i);
    const real radius =
        std::sqrt(-2 * simd::log((static_cast<real>(static_cast<int32_t>(first >> 8)) + real(0.5)) * real(0x1p-24)));
    real cosine, sine;
    simd::cos_sin_2pi(static_cast<real>(static_cast<int32_t>(second >> 8)) * real(0x1p-24), cosine, sine);
    out[i] = mean + deviation * radius * cosine;
    out[i + kNormals / 2] = mean + deviation * radius * sine;
  }
}

}  // namespace

uint64_t mix_key(uint64_t a, uint64_t b) {  // SplitMix64's finaliser over both words
  uint64_t h = a + 0x9E3779B97F4A7C15u * (b + 1);
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
  return h ^ (h >> 31);
}

void fill_uniform(Tensor& x, real low, real high, uint64_t stream) {
  real* out = x.data();
  parallel_for(x.size(), kElementBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = low + (high - low) * static_cast<real>(uniform(stream, static_cast<uint64_t>(i)));
  });
}

void fill_normal(Tensor& x, real mean, real deviation, uint64_t stream) {
  const auto n = x.size();
  parallel_for((n + kNormals - 1) / kNormals, kElementBlock / kNormals, [&](int64_t begin, int64_t end) {
    real last[kNormals];
    for (int64_t block = begin; block < end; ++block) {
      real* to = x.data() + block * kNormals;
      const int64_t left = n - block * kNormals;
      normal_block(stream, static_cast<uint32_t>(block), mean, deviation, left < kNormals ? last : to);
      if (left < kNormals) std::copy_n(last, left, to);
    }
  });
}

std::vector<int64_t> random_permutation(int64_t n, uint64_t stream) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = n - 1; i > 0; --i) {
    const auto j = static_cast<size_t>(mix_key(stream, static_cast<uint64_t>(i)) % static_cast<uint64_t>(i + 1));
    std::swap(order[static_cast<size_t>(i)], order[j]);
  }
  return order;
}

}  // namespace iuf
