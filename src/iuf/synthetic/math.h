#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "nn/hash.h"

/// Arithmetic of the synthetic images. Only + - * / sqrt floor and integers are used: IEEE 754 fixes their results to
/// the last bit, which it does not for sin, exp or pow, so the images are the same everywhere. (The files that include
/// this are compiled without contraction to fused multiply-adds.)
namespace iuf::synthetic {

struct Vec2 {
  float x = 0, y = 0;
};
inline Vec2 operator+(Vec2 a, Vec2 b) {
  return {a.x + b.x, a.y + b.y};
}
inline Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}
inline Vec2 operator*(float k, Vec2 a) {
  return {k * a.x, k * a.y};
}
inline float dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}
inline float length(Vec2 a) {
  return std::sqrt(dot(a, a));
}

inline int floor_int(float x) {
  return static_cast<int>(std::floor(x));
}

/// Linear light, 0 to 1.
struct Color {
  float r = 0, g = 0, b = 0;
};
inline Color operator+(Color a, Color b) {
  return {a.r + b.r, a.g + b.g, a.b + b.b};
}
inline Color operator*(Color a, Color b) {
  return {a.r * b.r, a.g * b.g, a.b * b.b};
}
inline Color operator*(float k, Color a) {
  return {k * a.r, k * a.g, k * a.b};
}

/// A colour as displayed, 0xRRGGBB, with gamma 2.
constexpr Color display(uint32_t rgb) {
  const auto linear = [](uint32_t byte) {
    const float v = static_cast<float>(byte & 255U) / 255.0F;
    return v * v;
  };
  return {linear(rgb >> 16U), linear(rgb >> 8U), linear(rgb)};
}

inline float clamp01(float x) {
  return std::clamp(x, 0.0F, 1.0F);
}
inline float mix(float a, float b, float t) {
  return a + (b - a) * t;
}
inline Vec2 mix(Vec2 a, Vec2 b, float t) {
  return a + t * (b - a);
}
inline Color mix(Color a, Color b, float t) {
  return {mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)};
}
inline float smoothstep(float from, float to, float x) {
  const float t = clamp01((x - from) / (to - from));
  return t * t * (3 - 2 * t);
}
/// 1 at 0, 0 beyond +-1, smooth in between.
inline float bump(float x) {
  const float t = std::max(0.0F, 1 - x * x);
  return t * t;
}

/// sin(2 pi t), Taylor to degree 9 on a quarter turn: within 4e-6.
inline float sin_turns(float t) {
  t -= std::floor(t + 0.5F);
  if (t > 0.25F) t = 0.5F - t;
  if (t < -0.25F) t = -0.5F - t;
  const float x = t * 6.2831853F, y = x * x;
  return x * (1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72))));
}
inline float cos_turns(float t) {
  return sin_turns(t + 0.25F);
}
inline Vec2 direction(float turns) {
  return {cos_turns(turns), sin_turns(turns)};
}
inline Vec2 rotate(Vec2 a, Vec2 d) {
  return {a.x * d.x - a.y * d.y, a.x * d.y + a.y * d.x};
}

/// The angle of `a` in turns, -0.5 to 0.5: Abramowitz and Stegun 4.4.49, within 2e-6.
inline float angle_turns(Vec2 a) {
  const float x = std::abs(a.x), y = std::abs(a.y);
  const float t = std::min(x, y) / std::max(std::max(x, y), 1e-20F), s = t * t;
  float angle = t * (0.999866F + s * (-0.3302995F + s * (0.180141F + s * (-0.085133F + s * 0.0208351F)))) / 6.2831853F;
  if (y > x) angle = 0.25F - angle;
  if (a.x < 0) angle = 0.5F - angle;
  return a.y < 0 ? -angle : angle;
}

/// A bijection of 64 bits whose every output bit depends on every input bit (the finaliser of SplitMix64).
inline uint64_t scramble(uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

/// About normal, mean 0, deviation 1: the sum of eight random bytes.
inline float bell(uint64_t bits) {
  constexpr uint64_t low_bytes = 0x00FF00FF00FF00FFU;
  const uint64_t pairs = (bits & low_bytes) + ((bits >> 8U) & low_bytes);
  const uint64_t sum = (pairs * 0x0001000100010001U) >> 48U;
  return (static_cast<float>(sum) - 1020.0F) / 209.0F;
}

/// Counter-based random numbers: draw k is a hash of (key, k). Two draws never stand in the arguments of one call or on
/// two sides of an operator: C++ leaves open which of them comes first, and compilers differ.
class Random {
 public:
  explicit Random(uint64_t key) : key_(key) {}
  /// An independent sequence for one purpose; does not depend on what was drawn here.
  Random fork(std::string_view purpose) const { return Random(scramble(key_ ^ fnv1a(purpose))); }
  Random fork(uint64_t n) const { return Random(scramble(key_ + 0x632BE59BD9B4E019U * (n + 1))); }
  uint64_t bits() { return scramble(key_ + 0x9E3779B97F4A7C15U * ++count_); }
  uint32_t key32() { return static_cast<uint32_t>(bits() >> 32U); }
  /// [0, 1)
  float uniform() { return static_cast<float>(bits() >> 40U) * 0x1p-24F; }
  float range(float from, float to) { return from + (to - from) * uniform(); }
  int below(int n) { return static_cast<int>(((bits() >> 32U) * static_cast<uint64_t>(n)) >> 32U); }

 private:
  uint64_t key_, count_ = 0;
};

/// Random numbers of the points of a lattice.
inline uint32_t lattice_bits(int x, int y, uint32_t key) {
  uint32_t h = key ^ (static_cast<uint32_t>(x) * 0x9E3779B1U) ^ (static_cast<uint32_t>(y) * 0x85EBCA77U + 0x165667B1U);
  h = (h ^ (h >> 15U)) * 0x2C1B3C6DU;
  h = (h ^ (h >> 12U)) * 0x297A2D39U;
  return h ^ (h >> 15U);
}
/// [0, 1)
inline float lattice(int x, int y, uint32_t key) {
  return static_cast<float>(lattice_bits(x, y, key) >> 8U) * 0x1p-24F;
}

/// Smooth noise in [-1, 1], about one bump per unit: lattice values, interpolated with the quintic 6t^5 - 15t^4 +
/// 10t^3.
inline float noise(Vec2 p, uint32_t key) {
  const int x = floor_int(p.x), y = floor_int(p.y);
  const auto fade = [](float t) { return t * t * t * (t * (t * 6 - 15) + 10); };
  const float u = fade(p.x - static_cast<float>(x)), v = fade(p.y - static_cast<float>(y));
  const float top = mix(lattice(x, y, key), lattice(x + 1, y, key), u);
  const float bottom = mix(lattice(x, y + 1, key), lattice(x + 1, y + 1, key), u);
  return 2 * mix(top, bottom, v) - 1;
}
/// Octaves of noise, each at twice the frequency, half the height and turned, so that the lattice does not show; about
/// [-1, 1].
inline float fractal(Vec2 p, int octaves, uint32_t key) {
  float sum = 0, height = 0.5F;
  for (int i = 0; i < octaves; ++i, height *= 0.5F) {
    sum += height * noise(p, key + static_cast<uint32_t>(i));
    p = {1.66F * p.x - 1.18F * p.y + 17.3F, 1.18F * p.x + 1.66F * p.y - 9.1F};
  }
  return sum;
}

// Signed distances, negative inside.
/// The fraction of a pixel that lies inside a shape, given its signed distance.
inline float inside(float distance, float pixel) {
  return clamp01(0.5F - distance / pixel);
}
inline float box_distance(Vec2 p, Vec2 half, float radius = 0) {
  const Vec2 q{std::abs(p.x) - half.x + radius, std::abs(p.y) - half.y + radius};
  return length({std::max(q.x, 0.0F), std::max(q.y, 0.0F)}) + std::min(std::max(q.x, q.y), 0.0F) - radius;
}
/// Distance to the segment a-b; `along` is the position of the nearest point, 0 at a and 1 at b.
inline float segment_distance(Vec2 p, Vec2 a, Vec2 b, float& along) {
  const Vec2 ab = b - a;
  along = clamp01(dot(p - a, ab) / std::max(dot(ab, ab), 1e-12F));
  return length(p - a - along * ab);
}
inline float segment_distance(Vec2 p, Vec2 a, Vec2 b) {
  float along = 0;
  return segment_distance(p, a, b, along);
}

}  // namespace iuf::synthetic
