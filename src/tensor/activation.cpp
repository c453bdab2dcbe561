#include "tensor/activation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace iuf::kernel {

double activation_naive(Activation kind, double x) {
  switch (kind) {
    case Activation::none:
      return x;
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::relu6:
      return std::min(std::max(x, 0.0), 6.0);
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::gelu:
      return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

double activation_slope_naive(Activation kind, double x) {
  const double s = 1 / (1 + std::exp(-x));
  switch (kind) {
    case Activation::none:
      return 1;
    case Activation::relu:
      return x > 0 ? 1 : 0;
    case Activation::relu6:
      return x > 0 && x < 6 ? 1 : 0;
    case Activation::silu:
      return s * (1 + x * (1 - s));
    case Activation::gelu:
      return 0.5 * (1 + std::erf(x / std::sqrt(2.0))) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
    case Activation::sigmoid:
      return s * (1 - s);
  }
  return 1;
}

}  // namespace iuf::kernel
