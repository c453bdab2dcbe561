#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <vector>

namespace iuf {

/// Calls body(begin, end) for the consecutive blocks of [0, n), spread over the threads. The blocks depend on n and
/// `block` alone, so that what a block computes never depends on the number of threads. Inside another parallel loop
/// the blocks run one after the other. The first exception is passed on to the caller.
template <class Body>
void parallel_for(int64_t n, int64_t block, Body&& body) {
  if (n <= 0) return;
  block = std::max<int64_t>(block, 1);
  const int64_t blocks = (n + block - 1) / block;
  if (blocks == 1 || omp_in_parallel() || omp_get_max_threads() == 1) {
    for (int64_t i = 0; i < blocks; ++i) body(i * block, std::min(n, (i + 1) * block));
    return;
  }
  std::exception_ptr error;
#pragma omp parallel for schedule(dynamic)
  for (int64_t i = 0; i < blocks; ++i) {
    try {
      body(i * block, std::min(n, (i + 1) * block));
    } catch (...) {
#pragma omp critical(iuf_parallel_error)
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

/// The sum of term(begin, end) over fixed blocks, added in the order of the blocks: equal for every thread count.
template <class Term>
double parallel_sum(int64_t n, int64_t block, Term&& term) {
  block = std::max<int64_t>(block, 1);
  std::vector<double> parts(static_cast<size_t>(n > 0 ? (n + block - 1) / block : 0));
  parallel_for(n, block, [&](int64_t begin, int64_t end) { parts[static_cast<size_t>(begin / block)] = term(begin, end); });
  double sum = 0;
  for (double part : parts) sum += part;
  return sum;
}

/// Elements a block of cheap element-wise work should have.
constexpr int64_t kElementBlock = 1 << 15;

inline int thread_count() { return omp_get_max_threads(); }
/// Sets the number of threads of all parallel loops; 0 means one per core.
inline void set_thread_count(int threads) { omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs()); }

/// Numbers too small for a normal float become 0 on every thread: they slow arithmetic a hundredfold and mean nothing
/// here. Called once when a program starts.
void flush_denormals();

}  // namespace iuf
