#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace iuf {

/// At most `most` positions among `count`, spread evenly.
inline std::vector<size_t> spread_sample(size_t count, size_t most = 32) {
  std::vector<size_t> chosen;
  const size_t n = std::min(count, most);
  for (size_t i = 0; i < n; ++i) chosen.push_back(i * count / n);
  return chosen;
}

}  // namespace iuf
