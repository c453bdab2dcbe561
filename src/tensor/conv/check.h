#pragma once

#include <span>

#include "tensor/error.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// Of the functions that pack a filter: whether there are a scale and a bias for each output, and the Error otherwise.
inline bool one_for_each_output(const Tensor& weight, std::span<const real> scale, std::span<const real> bias) {
  return scale.size() == bias.size() && static_cast<int64_t>(scale.size()) == weight.dim(0);
}
[[noreturn]] inline void refuse_filter(const char* who, const Tensor& weight, std::span<const real> scale,
                                       std::span<const real> bias) {
  fail(who, ": weight ", weight.shape(), " with ", scale.size(), " scales and ", bias.size(), " biases");
}

}  // namespace iuf::kernel
