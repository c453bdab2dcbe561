#pragma once

#include <algorithm>
#include <cstddef>

#include "tensor/parallel.h"

namespace iuf {

/// Images that are worked on at once at most: how many results in_order's caller needs room for.
constexpr size_t kInOrderSlots = 32;

/// Calls work(i, slot) for each of `count` images, several at once, and then take(i, slot) in order of i: parallel,
/// with sums that do not depend on it. A slot is one of kInOrderSlots places for what work leaves to take.
template <class Work, class Take>
void in_order(size_t count, Work&& work, Take&& take) {
  for (size_t start = 0; start < count; start += kInOrderSlots) {
    const size_t end = std::min(count, start + kInOrderSlots);
    parallel_for(static_cast<int64_t>(end - start), 1,
                 [&](int64_t i, int64_t) { work(start + static_cast<size_t>(i), static_cast<size_t>(i)); });
    for (size_t i = start; i < end; ++i) take(i, i - start);
  }
}

}  // namespace iuf
