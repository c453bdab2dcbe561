#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

enum class Memory { step, all };  // the current step, or all steps
inline Choices<Memory> choices(Memory) {
  return {{"step", Memory::step}, {"all", Memory::all}};
}

/// Of PaDiM and PatchCore.
struct MemorySettings {
  static constexpr const char* group = "Without training";
  Memory memory = Memory::step;

  void visit(const Fields& field) {
    field("memory", memory, "padim, patchcore: what they remember, the last step or all");
  }
};

}  // namespace iuf
