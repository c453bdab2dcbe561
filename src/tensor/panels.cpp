#include "tensor/panels.h"

#include <xmmintrin.h>

#include <algorithm>
#include <cstring>

#include "tensor/simd.h"

namespace iuf {
namespace {

// turn() for 4 x 4 elements.
IUF_INLINE void turn_four(const real* from, int64_t from_step, real* to, int64_t to_step) {
  if constexpr (sizeof(real) == 4) {
    const auto* in = reinterpret_cast<const float*>(from);
    auto* out = reinterpret_cast<float*>(to);
    __m128 a = _mm_loadu_ps(in), b = _mm_loadu_ps(in + from_step), c = _mm_loadu_ps(in + 2 * from_step), d = _mm_loadu_ps(in + 3 * from_step);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(out, a);
    _mm_storeu_ps(out + to_step, b);
    _mm_storeu_ps(out + 2 * to_step, c);
    _mm_storeu_ps(out + 3 * to_step, d);
  } else {
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j) to[j * to_step + i] = from[i * from_step + j];
  }
}

// to[j * to_step + i] = from[i * from_step + j] for rows x columns of `from`.
void turn(const real* from, int64_t rows, int64_t columns, int64_t from_step, real* to, int64_t to_step) {
  for (int64_t j = 0; j < columns; j += kChannelGroup) {
    const int64_t last = std::min(columns, j + kChannelGroup), whole = j + (last - j) / 4 * 4;
    for (int64_t i = 0; i < rows; i += 4) {
      int64_t next = j;
      if (i + 4 <= rows)
        for (; next < whole; next += 4) turn_four(from + i * from_step + next, from_step, to + next * to_step + i, to_step);
      for (; next < last; ++next)
        for (int64_t r = i; r < std::min(rows, i + 4); ++r) to[next * to_step + r] = from[r * from_step + next];
    }
  }
}

}  // namespace

void copy_panels(const real* matrix, int64_t rows, int64_t columns, int64_t step, real* panels) {
  for (int64_t c = 0; c < columns; c += kChannelGroup, panels += rows * kChannelGroup) {
    if (const int64_t width = columns - c; width < kChannelGroup) {
      std::fill_n(panels, rows * kChannelGroup, real(0));
      for (int64_t r = 0; r < rows; ++r) std::copy_n(matrix + r * step + c, width, panels + r * kChannelGroup);
    } else {
      for (int64_t r = 0; r < rows; ++r) std::memcpy(panels + r * kChannelGroup, matrix + r * step + c, kChannelGroup * sizeof(real));
    }
  }
}

void turn_panels(const real* matrix, int64_t rows, int64_t columns, int64_t step, real* panels) {
  for (int64_t r = 0; r < rows; r += kChannelGroup, panels += columns * kChannelGroup) {
    if (rows - r < kChannelGroup) std::fill_n(panels, columns * kChannelGroup, real(0));
    turn(matrix + r * step, std::min(kChannelGroup, rows - r), columns, step, panels, kChannelGroup);
  }
}

}  // namespace iuf
