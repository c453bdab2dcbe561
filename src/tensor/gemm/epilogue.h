#pragma once

#include <limits>

#include "tensor/activation.h"
#include "tensor/real.h"

namespace iuf::kernel {

/// An activation as the kernels apply it to sums that are still in registers.
struct Epilogue {
  explicit Epilogue(Activation kind)
      : activation(kind),
        clamp(kind == Activation::relu || kind == Activation::relu6),
        silu(kind == Activation::silu),
        stored(!clamp && !silu && kind != Activation::none),
        high(kind == Activation::relu6 ? real(6) : std::numeric_limits<real>::infinity()) {}

  Activation activation;
  bool clamp;   // to [low, high]
  bool silu;    // in registers
  bool stored;  // the others: on the values just stored
  real low = 0, high;
};

}  // namespace iuf::kernel
