#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "iuf/data/field_rules.h"
#include "iuf/paper/batch_loss.h"

namespace iuf {

/// One line of the training log: means over an epoch.
struct LogEntry {
  int64_t step = 0, epoch = 0, iteration = 0;  // iteration: how many are done
  double loss = 0;                             // with weights and penalties
  std::vector<LossPart> parts = {};            // the same names in every entry of a step; none in logs of old versions
  double grad_norm = 0, learning_rate = 0;
  double seconds = 0;  // of training so far, over all calls that continued it

  /// The value of the part with this name; 0 where the loss has none.
  double part(std::string_view name) const {
    const auto found = std::ranges::find(parts, name, &LossPart::name);
    return found == parts.end() ? 0 : found->value;
  }

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("step", self.step, kCount);
    field("epoch", self.epoch, kMayLack, kCount);
    field("iteration", self.iteration, kCount);
    field("loss", self.loss);
    field("parts", self.parts, kMayLack);
    field("grad_norm", self.grad_norm, kMayLack);
    field("lr", self.learning_rate, kMayLack);
    field("seconds", self.seconds, kMayLack);
  }
};

}  // namespace iuf
