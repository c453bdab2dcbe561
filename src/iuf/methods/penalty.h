#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

/// Of EWC, SI, MAS and LVT, which hold the network to its old weights (methods/importance.h).
struct PenaltySettings {
  static constexpr const char* group = "Penalty";
  double penalty = 0;  // each of these methods has its own default

  void visit(const Fields& field) {
    field("penalty", penalty, at_least(0), "lambda of ewc, si, mas and lvt, which have their own defaults");
  }
};

}  // namespace iuf
