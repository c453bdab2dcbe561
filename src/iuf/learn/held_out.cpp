#include "iuf/learn/held_out.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace iuf {

std::set<size_t> held_out_groups(const std::vector<size_t>& groups, const std::vector<int64_t>& order, double share) {
  constexpr int64_t kLeast = 4;
  const int64_t all = std::ssize(groups);
  if (all < kLeast) return {};
  const int64_t wanted = std::clamp<int64_t>(std::llround(share * static_cast<double>(all)), 1, all - 1);
  std::map<size_t, int64_t> sizes;
  for (const size_t group : groups) ++sizes[group];
  std::set<size_t> held;
  int64_t images = 0;
  for (const int64_t i : order) {
    const size_t group = groups[static_cast<size_t>(i)];
    if (images >= wanted) break;
    const int64_t more = sizes[group];
    if (held.contains(group) || images + more >= all) continue;
    held.insert(group);
    images += more;
  }
  return held;
}

}  // namespace iuf
