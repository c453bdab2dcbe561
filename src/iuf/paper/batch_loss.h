#pragma once

#include <string>
#include <vector>

#include "autograd/var.h"

namespace iuf {

/// One of the terms that a loss consists of, without its weight.
struct LossPart {
  std::string name;
  double value = 0;

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("name", self.name);
    field("value", self.value);
  }
};

/// The loss of a batch and its parts, as the log shows them.
struct BatchLoss {
  Var total;                         // with gradient
  double constant = 0;               // what the loss has besides, without gradient
  std::vector<LossPart> parts = {};  // what it consists of, for the log
};

}  // namespace iuf
