#pragma once

#include <vector>

#include "nn/visit.h"

namespace iuf {

/// The weights as they were when an increment began, to which every iteration pulls back:
/// theta <- (1 - eta) theta + eta theta_old. [Eq. 9]
class OldWeights {
 public:
  OldWeights() = default;
  /// Remembers copies. A tensor that has grown since (rows for new objects) is pulled in its old rows alone.
  explicit OldWeights(const std::vector<NamedVar>& tensors);
  void pull(std::vector<NamedVar>& tensors, double eta) const;
  const std::vector<std::pair<std::string, Tensor>>& tensors() const { return old_; }

 private:
  std::vector<std::pair<std::string, Tensor>> old_;
};

}  // namespace iuf
