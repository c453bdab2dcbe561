#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <pmmintrin.h>
#endif

// What processors do in ways of their own, a function each: x86-64 and aarch64.
namespace iuf {

/// How the calling thread rounds and treats numbers too small for a normal float.
inline uint64_t float_mode() {
#if defined(__x86_64__)
  return _mm_getcsr();
#elif defined(__aarch64__)
  uint64_t mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
#else
#error "float_mode.h: which register of this processor holds the mode?"
#endif
}
inline void set_float_mode(uint64_t mode) {
#if defined(__x86_64__)
  _mm_setcsr(static_cast<unsigned>(mode));
#else
  asm volatile("msr fpcr, %0" : : "r"(mode));
#endif
}

/// The mode in which such numbers are 0, as operands and as results.
inline uint64_t without_denormals(uint64_t mode) {
#if defined(__x86_64__)
  return mode | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON;
#else
  return mode | uint64_t{1} << 24;
#endif
}

/// Of a loop that waits for another thread.
inline void pause_briefly() {
#if defined(__x86_64__)
  _mm_pause();
#else
  asm volatile("yield");
#endif
}

}  // namespace iuf
