#pragma once

#include <map>
#include <string>

#include "iuf/paper/old_basis.h"
#include "nn/optimizer.h"

namespace iuf {

/// gamma(k, c) = k log(c) for c = 1..C with k = 1 / log(C): 0 for the most important old channel, 1 for the least.
/// [Eq. 11]
Tensor channel_gate(int64_t channels);

/// The update U of a weight, C x W (or of a bias, C), damped in the old objects' channel space.
/// U is taken into that space: V^T U. [Eq. 10]
/// Its channels are multiplied by the gate, and it is taken back: V (gamma * V^T U). [Eq. 12]
/// basis: V_old^T, its leading r <= C rows; gate: gamma, C values. Channels beyond r hold no old object and stay free,
/// as if their gamma were 1; so the result is U + V ((gamma - 1) * V^T U). Errors name the three shapes.
Tensor project_update(const Tensor& update, const Tensor& basis, const Tensor& gate);

/// What the optimiser's updates become before they are added, so that an iteration is Eq. 13. [Eq. 13]
/// Projected are weight and bias of linear2 in every encoder and decoder layer whose basis is known; all other
/// parameters update freely.
class ProjectedUpdate {
 public:
  ProjectedUpdate() = default;
  ProjectedUpdate(const OldBasis& basis, std::span<const NamedVar> parameters);
  /// Refers to this object.
  UpdateFilter filter() const;

 private:
  struct Space {
    Tensor basis, gate;
  };
  std::map<std::string, Space> spaces_;  // by parameter name
};

}  // namespace iuf
