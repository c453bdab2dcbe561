#pragma once

#include <map>
#include <string>

#include "iuf/paper/old_basis.h"
#include "nn/optimizer.h"

namespace iuf {

/// log(c) for c = 1..C divided by its maximum: 0 for the most important old direction, 1 for the least. [Eq. 11]
Tensor channel_gate(int64_t channels);

/// U into the old objects' channel space [Eq. 10], damped there by the gate, and back [Eq. 12]: V (gate * (V^T U)).
/// update: C x W or C; basis: the leading r rows of V^T. Directions beyond r are free, as if their gate were 1: U +
/// V^T^T ((gate - 1) * (V^T U)).
Tensor project_update(const Tensor& update, const Tensor& basis, const Tensor& gate);

/// Projects the optimiser's updates of linear2's weight and bias in every encoder and decoder layer that the basis
/// knows; all other parameters update freely. The result of an iteration is Eq. 13. [Eq. 13]
class ProjectedUpdate {
 public:
  ProjectedUpdate() = default;
  explicit ProjectedUpdate(const OldBasis& basis, std::span<const NamedVar> parameters);
  UpdateFilter filter() const;

 private:
  struct Space {
    Tensor basis, gate;
  };
  std::map<std::string, Space> spaces_;  // by parameter name
};

}  // namespace iuf
