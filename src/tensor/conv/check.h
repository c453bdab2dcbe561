#pragma once

#include <span>

#include "tensor/error.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// Of a function that packs a filter: `good` weight with a scale and a bias for each output, or an Error of `who`.
inline void need_filter(bool good, const char* who, const Tensor& weight, std::span<const real> scale,
                        std::span<const real> bias) {
  if (good && scale.size() == bias.size() && static_cast<int64_t>(scale.size()) == weight.dim(0)) return;
  fail(who, ": weight ", weight.shape(), " with ", scale.size(), " scales and ", bias.size(), " biases");
}

}  // namespace iuf::kernel
