#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "iuf/run/comparison_runner.h"

namespace iuf {

/// What the runs of a comparison left in their folders. `failures`: why a run failed, by its folder.
Comparison collect(const ComparisonOptions& options, const std::map<std::filesystem::path, std::string>& failures);

}  // namespace iuf
