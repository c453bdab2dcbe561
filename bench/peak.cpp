#include "bench/bench.h"
#include "tensor/gemm/cpu_level.h"
#include "tensor/parallel.h"

namespace iuf::bench {
namespace {

constexpr int64_t kSteps = 4000000, kSums = 12;

// Sums that no operand has to be fetched for, enough of them to hide the latency of an addition. A macro, since vectors
// are lowered to what the processor has before a function is inlined.
#define IUF_MULTIPLY_ADDS(name, cpu, bytes)                                                       \
  [[gnu::target(cpu)]] real name(real factor, real term) {                                        \
    typedef real Vec __attribute__((vector_size(bytes)));                                         \
    Vec sums[kSums], all{};                                                                       \
    for (int i = 0; i < kSums; ++i) sums[i] = Vec{} + static_cast<real>(i);                       \
    for (int64_t step = 0; step < kSteps; ++step)                                                 \
      _Pragma("GCC unroll 12") for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * factor + term; \
    for (int i = 0; i < kSums; ++i) all += sums[i];                                               \
    return all[0];                                                                                \
  }
IUF_MULTIPLY_ADDS(multiply_adds_v4, "arch=x86-64-v4", 64)
IUF_MULTIPLY_ADDS(multiply_adds_v3, "arch=x86-64-v3", 32)
IUF_MULTIPLY_ADDS(multiply_adds_v1, "arch=x86-64", 16)
#undef IUF_MULTIPLY_ADDS

}  // namespace

void bench_peak(const Plan& plan, Table& table) {
  if (!plan.wants("peak")) return;
  table.section("peak");
  const CpuLevel level = cpu_level();
  const auto multiply_adds = level == CpuLevel::v4   ? multiply_adds_v4
                             : level == CpuLevel::v3 ? multiply_adds_v3
                                                     : multiply_adds_v1;
  const size_t lanes = (level == CpuLevel::v4 ? 64 : level == CpuLevel::v3 ? 32 : 16) / sizeof(real);
  const int64_t threads = thread_count();
  volatile real factor = 1, term = real(1e-9), sink = 0;
  const Measurement m = measure(
      [&] {
        parallel_for(threads, 1, [&](int64_t, int64_t) {
          const real sum = multiply_adds(factor, term);
          sink = sum;
        });
      },
      7, 0.5);
  table.row("multiply-adds in registers, every thread", threads, m, {},
            2.0 * static_cast<double>(kSteps * kSums * threads) * static_cast<double>(lanes));
}

}  // namespace iuf::bench
