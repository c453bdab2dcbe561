#include "tensor/gemm/cpu_level.h"

namespace iuf {

CpuLevel cpu_level() {
  static const CpuLevel level = __builtin_cpu_supports("x86-64-v4")   ? CpuLevel::v4
                                : __builtin_cpu_supports("x86-64-v3") ? CpuLevel::v3
                                                                      : CpuLevel::v1;
  return level;
}

}  // namespace iuf
