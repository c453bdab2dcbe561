#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace iuf {

using Matrix = std::vector<double>;  ///< small, row-major

inline size_t at(int64_t i) {
  return static_cast<size_t>(i);
}

/// Adds `value` to the diagonal of an n x n matrix.
inline void add_to_diagonal(Matrix& a, int64_t n, double value) {
  for (int64_t i = 0; i < n; ++i) a[at(i * n + i)] += value;
}

}  // namespace iuf
