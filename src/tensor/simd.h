#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tensor/real.h"

/// Marks a leaf kernel of plain loops: compiled for three CPU levels, the best one is picked when the program loads.
/// Lambdas and OpenMP regions are not cloned, so such a kernel has none; parallel loops stand outside.
#define IUF_SIMD [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
/// A helper that must be inlined into the clones to be vectorised.
#define IUF_INLINE [[gnu::always_inline]] static inline

namespace iuf::simd {

/// e^x. float: range reduction by ln 2 and a polynomial of degree 6, relative error below 3e-7, 0 below -87; double:
/// exact.
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

/// 2^x for x <= 0 where a small result only needs to be small. float: absolute error below 2e-7, relative error below
/// 3e-7 down to -126; double: exact.
IUF_INLINE real exp2_of_negative(real x) {
  if constexpr (sizeof(real) == 8) {
    return std::exp2(x);
  } else {
    const float t = static_cast<float>(x), clamped = t < -126.0f ? -126.0f : t;  // a NaN stays
    const float shifted = clamped + 12582912.0f;  // the low bits of the sum hold round(t)
    const float f = clamped - (shifted - 12582912.0f);
    float p = 0.00132917648f;
    p = p * f + 0.00967562478f;
    p = p * f + 0.0555065386f;
    p = p * f + 0.240221202f;
    p = p * f + 0.693147004f;
    p = p * f + 1.00000012f;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(p) + (std::bit_cast<uint32_t>(shifted) << 23));
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

/// The cumulative normal distribution, (1 + erf(x / sqrt 2)) / 2, and gelu, x times it.
IUF_INLINE real normal_cdf(real x) {
  return real(0.5) * (1 + simd::erf(x * real(0.70710678118654752)));
}
IUF_INLINE real gelu(real x) {
  return x * real(0.5) * (1 + simd::erf(x * real(0.70710678118654752)));
}

IUF_INLINE real sigmoid(real x) {
  return 1 / (1 + simd::exp(-x));
}

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

/// The natural logarithm of a normal positive number. float: relative error below 2e-7 (absolute near 1); double:
/// exact.
IUF_INLINE real log(real x) {
  if constexpr (sizeof(real) == 8) {
    return std::log(x);
  } else {
    // x = 2^n m with m in [sqrt(1/2), sqrt(2)), log m from s = (m - 1) / (m + 1): 2 (s + s^3 / 3 + s^5 / 5 + ...).
    const auto bits = std::bit_cast<uint32_t>(static_cast<float>(x));
    const auto n = static_cast<int32_t>(bits - 0x3F3504F3u) >> 23;
    const float m = std::bit_cast<float>(bits - (static_cast<uint32_t>(n) << 23));
    const float s = (m - 1) / (m + 1), s2 = s * s;
    const float p = (((s2 * 0.22222222f + 0.28571429f) * s2 + 0.4f) * s2 + 0.66666667f) * s2;
    return static_cast<float>(n) * 0.69314718f + (s * p + 2 * s);
  }
}

/// cos(2 pi u) and sin(2 pi u) for u in [0, 1]. float: absolute error below 2e-7; double: exact.
IUF_INLINE void cos_sin_2pi(real u, real& cosine, real& sine) {
  if constexpr (sizeof(real) == 8) {
    const double angle = 6.283185307179586 * static_cast<double>(u);
    cosine = static_cast<real>(std::cos(angle));
    sine = static_cast<real>(std::sin(angle));
  } else {
    // The nearest quarter q, and the Taylor series of what is left, at most pi / 4.
    const float t = static_cast<float>(u) * 4, shifted = t + 12582912.0f;
    const auto q = std::bit_cast<uint32_t>(shifted);
    const float a = (t - (shifted - 12582912.0f)) * 1.57079633f, a2 = a * a;
    const float c = 1 + a2 * (-0.5f + a2 * (4.16666667e-2f + a2 * (-1.38888889e-3f + a2 * 2.48015873e-5f)));
    const float s =
        a + a * a2 * (-1.66666667e-1f + a2 * (8.33333333e-3f + a2 * (-1.98412698e-4f + a2 * 2.75573192e-6f)));
    const bool odd = q & 1;
    const float x = odd ? s : c, y = odd ? c : s;
    cosine = std::bit_cast<float>(std::bit_cast<uint32_t>(x) ^ ((q + 1) << 30 & 0x80000000u));
    sine = std::bit_cast<float>(std::bit_cast<uint32_t>(y) ^ (q << 30 & 0x80000000u));
  }
}

/// The largest value of a row, and the sum of exponential(x - largest) over it: what a softmax divides by.
struct Exponentials {
  real largest, sum;
};
/// y = exponential(x - largest), which cannot overflow. exponential: exp or exp2_of_negative. y may be x.
template <real (*exponential)(real)>
IUF_INLINE Exponentials exponentials(const real* x, real* y, int64_t n) {
  real largest = -std::numeric_limits<real>::infinity();
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) {
    y[i] = exponential(x[i] - largest);
    sum += y[i];
  }
  return {largest, sum};
}

/// |x - y|^2
IUF_INLINE real squared_distance(const real* x, const real* y, int64_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

/// Of dropout: an element stays when its 16 random bits reach `threshold`, and is multiplied by `keep` then. Two
/// elements share a hash: numbers i and i + 16 of each 32.
struct DropoutRow {
  uint64_t stream;
  uint32_t threshold;
  real keep;
};
IUF_INLINE void dropout_factors(const DropoutRow& d, uint32_t block, real* factors) {
  const uint64_t stream = d.stream;
  const uint32_t threshold = d.threshold;
  const real keep = d.keep;
#pragma omp simd
  for (uint32_t j = 0; j < 16; ++j) {
    const uint32_t bits = random_bits(stream, block * 16 + j);
    factors[j] = (bits & 0xFFFF) >= threshold ? keep : 0;
    factors[j + 16] = (bits >> 16) >= threshold ? keep : 0;
  }
}
/// y = x times its factors. offset: the index of x[0] in the tensor that is dropped. y may be x.
IUF_INLINE void apply_dropout(const DropoutRow& d, uint32_t offset, const real* x, real* y, int64_t n) {
  real factors[32];
  for (int64_t i = 0; i < n;) {
    const uint32_t at = offset + static_cast<uint32_t>(i), skip = at % 32;
    dropout_factors(d, at / 32, factors);
    if (skip == 0 && n - i >= 32) {
#pragma omp simd
      for (int64_t j = 0; j < 32; ++j) y[i + j] = x[i + j] * factors[j];
      i += 32;
    } else {
      const int64_t count = n - i < 32 - skip ? n - i : 32 - skip;
      for (int64_t j = 0; j < count; ++j) y[i + j] = x[i + j] * factors[skip + j];
      i += count;
    }
  }
}

}  // namespace iuf::simd

// Sanitizers and clang get one portable version: their runtimes are not up yet when clones are picked. So do other
// processors.
#if !defined(__x86_64__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
#undef IUF_SIMD
#define IUF_SIMD
#endif
