#pragma once

#include "iuf/run/comparison.h"

namespace iuf {

/// Trains each run in a process of its own, as `iuf train` with the run's settings: a crash ends one run, its peak
/// memory is its own, and the processes end with this one. What they say stands in OUT/train.log.
Launch child_runs(int threads);

/// How many runs fit side by side: one per core, and 1.5 GiB of free memory each.
int64_t runs_at_once();

}  // namespace iuf
