#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "tensor/real.h"

/// Marks a leaf kernel of plain loops: compiled for three CPU levels, the best one is picked when the program loads.
/// Lambdas and OpenMP regions are not cloned, so such a kernel has none; parallel loops stand outside.
#define IUF_SIMD [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
/// A helper that must be inlined into the clones to be vectorised.
#define IUF_INLINE [[gnu::always_inline]] static inline

namespace iuf::simd {

/// e^x. float: range reduction by ln 2 and a polynomial of degree 6, relative error below 3e-7, 0 below -87; double: exact.
IUF_INLINE real exp(real x) {
  if constexpr (sizeof(real) == 8) {
    return std::exp(x);
  } else {
    const float v = static_cast<float>(x);
    const float clamped = v > 88.0f ? 88.0f : (v < -87.0f ? -87.0f : v);
    const float shifted = clamped * 1.44269504088896341f + 12582912.0f;  // the low bits of the sum hold round(x / ln 2)
    const float n = shifted - 12582912.0f;
    const float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const auto exponent = (std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(12582912.0f) + 127) << 23;
    const float y = p * std::bit_cast<float>(exponent);
    return static_cast<real>(v < -87.0f ? 0.0f : y);
  }
}

/// The error function. float: Abramowitz & Stegun 7.1.26, absolute error below 6e-7; double: exact.
IUF_INLINE real erf(real x) {
  if constexpr (sizeof(real) == 8) {
    return std::erf(x);
  } else {
    const real a = x < 0 ? -x : x;
    const real t = 1 / (1 + real(0.3275911) * a);
    real p = real(1.061405429);
    p = p * t - real(1.453152027);
    p = p * t + real(1.421413741);
    p = p * t - real(0.284496736);
    p = p * t + real(0.254829592);
    const real y = 1 - p * t * simd::exp(-a * a);
    return x < 0 ? -y : y;
  }
}

IUF_INLINE real sigmoid(real x) { return 1 / (1 + simd::exp(-x)); }

/// Random bits number `i` of the stream `key`: a 32-bit mixing function, so that a loop over i is vectorised.
IUF_INLINE uint32_t random_bits(uint64_t key, uint32_t i) {
  uint32_t h = i * 0x9E3779B1u + static_cast<uint32_t>(key);
  h ^= h >> 16;
  h *= 0x21F0AAADu;
  h ^= h >> 15;
  h += static_cast<uint32_t>(key >> 32);
  h *= 0x735A2D97u;
  h ^= h >> 15;
  h *= 0x85EBCA6Bu;
  return h ^ (h >> 16);
}

}  // namespace iuf::simd
