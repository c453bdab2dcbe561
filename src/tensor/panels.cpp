#include "tensor/panels.h"

#include <algorithm>
#include <cstring>

#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

IUF_SIMD void scale_values(real* x, real factor, int64_t n) {
  for (int64_t i = 0; i < n; ++i) x[i] *= factor;
}

// Outputs that one thread packs at a time.
int64_t packed_at_once(int64_t inputs) {
  return std::max<int64_t>(1, kElementBlock / (std::max<int64_t>(inputs, 1) * kChannelGroup)) * kChannelGroup;
}

}  // namespace

void copy_panels(const real* matrix, int64_t rows, int64_t columns, int64_t step, real* panels) {
  for (int64_t c = 0; c < columns; c += kChannelGroup, panels += rows * kChannelGroup) {
    if (const int64_t width = columns - c; width < kChannelGroup) {
      std::fill_n(panels, rows * kChannelGroup, real(0));
      for (int64_t r = 0; r < rows; ++r) std::copy_n(matrix + r * step + c, width, panels + r * kChannelGroup);
    } else {
      for (int64_t r = 0; r < rows; ++r)
        std::memcpy(panels + r * kChannelGroup, matrix + r * step + c, kChannelGroup * sizeof(real));
    }
  }
}

RightSide::RightSide(int64_t inputs, int64_t outputs)
    : inputs_(inputs),
      outputs_(outputs),
      panels_({inputs, round_to_group(outputs)}),
      bias_(Tensor::zeros({round_to_group(outputs)})) {}

void RightSide::copy(const real* matrix, int64_t step) {
  parallel_for(outputs_, packed_at_once(inputs_), [&](int64_t begin, int64_t end) {
    copy_panels(matrix + begin, inputs_, end - begin, step, panels_.data() + begin * inputs_);
  });
}

void RightSide::turn(const real* matrix, int64_t step) {
  parallel_for(outputs_, packed_at_once(inputs_), [&](int64_t begin, int64_t end) {
    turn_panels(matrix + begin * step, end - begin, inputs_, step, panels_.data() + begin * inputs_);
  });
}

void RightSide::scale(real factor) {
  scale_values(panels_.data(), factor, panels_.size());
}

void RightSide::multiply(const LeftSide& x, real* out, int64_t out_step, Activation activation) const {
  if (width() == outputs_) return multiply_groups(x, out, out_step, activation);
  Tensor whole({x.rows, width()});
  multiply_groups(x, whole.data(), width(), activation);
  for (int64_t r = 0; r < x.rows; ++r) std::copy_n(whole.data() + r * width(), outputs_, out + r * out_step);
}

}  // namespace iuf
