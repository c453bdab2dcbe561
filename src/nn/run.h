#pragma once

#include <functional>
#include <string>

#include "tensor/random.h"

namespace iuf {

/// What a forward pass needs besides its inputs: the mode, the source of its randomness, and a tap on inner results.
struct Run {
  bool training = false;
  Random random = {};
  /// Called with the output of each layer that the network has tapped, B x T x C, under the layer's name; or empty.
  std::function<void(const std::string& layer, const Tensor& output)> tap = {};
};

}  // namespace iuf
