#pragma once

#include <string>
#include <string_view>

#include "tensor/gemm/cpu_level.h"

namespace iuf {

/// Kernels run at the best level that the CPU has, or at a lower one that the environment variable IUF_CPU names. It is
/// chosen once, before the first kernel runs: the clones of IUF_SIMD, cpu_level() and OpenBLAS follow it.
CpuLevel best_cpu_level();
std::string_view name_of(CpuLevel level);  // "x86-64", "x86-64-v3", "x86-64-v4"; elsewhere "portable"

/// Why IUF_CPU cannot be followed (an unknown name, a level that the CPU lacks); empty when all is well.
std::string cpu_choice_fault();

}  // namespace iuf
