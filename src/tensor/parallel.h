#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace iuf {

/// True within the body of a loop that several threads share, on whichever thread.
bool in_parallel();

/// Calls body(i) for i in [0, blocks), several at once; see parallel_for.
void run_blocks(int64_t blocks, const std::function<void(int64_t)>& body);

/// Calls body(begin, end) for the consecutive blocks of [0, n), spread over the threads. The blocks depend on n and
/// `block` alone, so that what a block computes never depends on the number of threads; their order does. Inside
/// another parallel loop the blocks run one after the other. The exception of the first block that throws is passed on
/// to the caller; blocks behind it may be left out, those before it are not.
template <class Body>
void parallel_for(int64_t n, int64_t block, Body&& body) {
  if (n <= 0) return;
  block = std::max<int64_t>(block, 1);
  const auto one = [&](int64_t i) { body(i * block, std::min(n, (i + 1) * block)); };
  run_blocks((n + block - 1) / block, std::cref(one));  // a reference: a std::function needs no memory for it
}

/// The sum of term(begin, end) over fixed blocks, added in the order of the blocks: equal for every thread count.
template <class Term>
double parallel_sum(int64_t n, int64_t block, Term&& term) {
  block = std::max<int64_t>(block, 1);
  std::vector<double> parts(static_cast<size_t>(n > 0 ? (n + block - 1) / block : 0));
  parallel_for(n, block,
               [&](int64_t begin, int64_t end) { parts[static_cast<size_t>(begin / block)] = term(begin, end); });
  double sum = 0;
  for (double part : parts) sum += part;
  return sum;
}

/// Elements a block of cheap element-wise work should have.
constexpr int64_t kElementBlock = 1 << 15;

/// Threads a parallel loop of the calling thread may use; OMP_NUM_THREADS is their number at the start.
int thread_count();
/// Sets it; 0 means one per core.
void set_thread_count(int threads);

/// Numbers too small for a normal float become 0 on every thread: they slow arithmetic a hundredfold and mean nothing
/// here. Called by the thread that starts a program.
void flush_denormals();

}  // namespace iuf
