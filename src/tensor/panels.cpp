#include "tensor/panels.h"

#include <xmmintrin.h>

#include <algorithm>
#include <cstring>

#include "tensor/parallel.h"
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

IUF_SIMD void scale_values(real* x, real factor, int64_t n) {
  for (int64_t i = 0; i < n; ++i) x[i] *= factor;
}

// Outputs that one thread packs at a time.
int64_t packed_at_once(int64_t inputs) { return std::max<int64_t>(1, kElementBlock / (std::max<int64_t>(inputs, 1) * kChannelGroup)) * kChannelGroup; }

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

RightSide::RightSide(int64_t inputs, int64_t outputs)
    : inputs_(inputs), outputs_(outputs), panels_({inputs, round_to_group(outputs)}), bias_(Tensor::zeros({round_to_group(outputs)})) {}

void RightSide::copy(const real* matrix, int64_t step) {
  parallel_for(outputs_, packed_at_once(inputs_),
               [&](int64_t begin, int64_t end) { copy_panels(matrix + begin, inputs_, end - begin, step, panels_.data() + begin * inputs_); });
}

void RightSide::turn(const real* matrix, int64_t step) {
  parallel_for(outputs_, packed_at_once(inputs_),
               [&](int64_t begin, int64_t end) { turn_panels(matrix + begin * step, end - begin, inputs_, step, panels_.data() + begin * inputs_); });
}

void RightSide::scale(real factor) { scale_values(panels_.data(), factor, panels_.size()); }

void RightSide::multiply(const LeftSide& x, real* out, int64_t out_step, Activation activation) const {
  if (width() == outputs_) return multiply_groups(x, out, out_step, activation);
  Tensor whole({x.rows, width()});
  multiply_groups(x, whole.data(), width(), activation);
  for (int64_t r = 0; r < x.rows; ++r) std::copy_n(whole.data() + r * width(), outputs_, out + r * out_step);
}

}  // namespace iuf
