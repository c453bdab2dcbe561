#pragma once

namespace iuf {

enum class Activation { none, relu, relu6, silu, gelu, sigmoid };

namespace kernel {

/// The definition, in double, of what the kernels approximate: silu x / (1 + e^-x), gelu x / 2 * (1 + erf(x / sqrt 2)).
double activation_naive(Activation kind, double x);
/// Its derivative; 0 where relu and relu6 have a kink.
double activation_slope_naive(Activation kind, double x);

}  // namespace kernel
}  // namespace iuf
