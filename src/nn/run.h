#pragma once

#include <functional>
#include <string>

#include "tensor/random.h"

namespace iuf {

/// What a forward pass needs besides its inputs: the mode, the source of its randomness, and taps on inner results.
struct Run {
  bool training = false;
  Random random = {};
  /// Called with the output of every linear2 of the transformer (B x T x C), see iuf/paper/old_basis.h; or empty.
  std::function<void(const std::string& layer, const Tensor& output)> tap = {};
};

}  // namespace iuf
