#pragma once

#include "apps/progress.h"
#include "iuf/run/comparison_runner.h"

namespace iuf {

/// Compares with each run in a process of its own, as `iuf train` with the run's settings: a crash ends one run, its
/// peak memory is its own, and the processes end with this one. What they say stands in the run's folder. The processes
/// share the threads. `jobs`: runs at once; 0: as many as fit, one per core and 1.5 GiB of free memory each.
Comparison compare_side_by_side(const ComparisonOptions& options, int64_t jobs, ProgressLine& progress);

}  // namespace iuf
