#pragma once

#include <span>

#include "tensor/error.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// Throws an Error of `who`, which packs a filter, unless weight is O x I x h x w with a scale and a bias for each
/// output.
inline void check_filter(const char* who, const Tensor& weight, std::span<const real> scale,
                         std::span<const real> bias) {
  if (weight.rank() != 4) fail(who, ": weight ", weight.shape(), " needs four axes, [O, I, h, w]");
  const auto outputs = static_cast<size_t>(weight.dim(0));
  if (scale.size() != outputs) fail(who, ": ", scale.size(), " scales for weight ", weight.shape());
  if (bias.size() != outputs) fail(who, ": ", bias.size(), " biases for weight ", weight.shape());
}

}  // namespace iuf::kernel
