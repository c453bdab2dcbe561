#pragma once

namespace iuf {

/// The instruction sets that kernels exist for: any x86-64 (SSE2), AVX2 with FMA, AVX-512. One program runs on all of
/// them and picks the best one at run time, so it needs neither -march=native nor a build per machine. Three levels,
/// since these are the three register files there are: 16 registers of 4 floats, 16 of 8, 32 of 16. Results differ
/// between levels in rounding (FMA, lanes of a sum), never within one. Other processors have v1 alone, whose vectors of
/// 16 bytes they have, too; so does what clang builds, which knows no target of a part of a file.
///
/// A kernel gets onto every level in one of two ways.
/// 1. A plain loop is marked IUF_SIMD (tensor/simd.h): the compiler clones it, the loader picks the clone.
/// 2. A kernel that holds its data in registers by hand needs to know their size. It is a header without #pragma once,
///    written in the vectors of gemm/vector.h. A .cpp file compiles it once per level:
///
///      namespace {
///      #define IUF_KERNEL "tensor/gemm/micro_kernel.h"
///      #include "tensor/gemm/for_each_cpu_level.h"    // now v1::multiply, v3::multiply and v4::multiply exist
///      }
///      IUF_ON_CPU_LEVEL(level, multiply(job))         // calls one of them
enum class CpuLevel { v1, v3, v4 };

/// The best one that this CPU has, or a lower one that IUF_CPU asks for (tensor/cpu_choice.h).
CpuLevel cpu_level();

}  // namespace iuf

/// Calls `call` in the namespace of the level.
#if defined(__x86_64__) && !defined(__clang__)
#define IUF_ON_CPU_LEVEL(level, call) \
  switch (level) {                    \
    case ::iuf::CpuLevel::v4:         \
      v4::call;                       \
      break;                          \
    case ::iuf::CpuLevel::v3:         \
      v3::call;                       \
      break;                          \
    case ::iuf::CpuLevel::v1:         \
      v1::call;                       \
      break;                          \
  }
#else
#define IUF_ON_CPU_LEVEL(level, call) \
  {                                   \
    static_cast<void>(level);         \
    v1::call;                         \
  }
#endif
