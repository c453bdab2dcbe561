#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

/// Of coreset (per object) and PatchCore (per step).
struct BankCandidatesSettings {
  static constexpr const char* group = "Without training";
  int64_t bank_candidates = 100000;

  void visit(const Fields& field) {
    field("bank-candidates", bank_candidates, range(1, 100000000),
          "coreset, patchcore: features to choose a bank from at most");
  }
};

}  // namespace iuf
