#include "tensor/random.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

// A uniform number in (0, 1) with 53 random bits.
double uniform(uint64_t stream, uint64_t i) {
  return (static_cast<double>(mix_key(stream, i) >> 11) + 0.5) * 0x1p-53;
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
  real* out = x.data();
  const int64_t n = x.size();
  parallel_for((n + 1) / 2, kElementBlock / 4, [&](int64_t begin, int64_t end) {
    for (int64_t pair = begin; pair < end; ++pair) {
      const auto i = static_cast<uint64_t>(2 * pair);
      const double radius = std::sqrt(-2 * std::log(uniform(stream, i)));
      const double angle = 2 * std::numbers::pi * uniform(stream, i + 1);
      out[2 * pair] = mean + deviation * static_cast<real>(radius * std::cos(angle));
      if (2 * pair + 1 < n) out[2 * pair + 1] = mean + deviation * static_cast<real>(radius * std::sin(angle));
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
