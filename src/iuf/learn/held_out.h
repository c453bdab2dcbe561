#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace iuf {

/// Which of an object's normal images a network does not learn from: those of the groups that the first of them, in
/// this order, are of, until there are a `share` of all, at least one. `groups`: of every image (data/name_groups.h);
/// frames of one part are held out together. None of fewer than four images, and none that would leave no image to
/// learn from.
std::set<size_t> held_out_groups(const std::vector<size_t>& groups, const std::vector<int64_t>& order, double share);

}  // namespace iuf
