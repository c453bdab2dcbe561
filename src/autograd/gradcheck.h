#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "autograd/var.h"

namespace iuf {

/// The worst disagreement between backward() and central differences.
struct Gradcheck {
  double error = 0;   // |analytic - numeric| / max(1, |numeric|)
  std::string where;  // input, element and both values
};

/// Compares d(sum(w * f(inputs))) / d inputs, w fixed random weights, with central differences of step `eps`, element
/// by element, at most `most` elements of an input, spread over it. f must be a pure function. An input that needs no
/// gradient must get none and leave the others' as they are. Meaningful in the double build: float hides errors up to
/// 1e-3.
Gradcheck gradcheck(const std::function<Var(std::span<const Var>)>& f, const std::vector<Tensor>& inputs,
                    double eps = 1e-6, int64_t most = 400);

}  // namespace iuf
