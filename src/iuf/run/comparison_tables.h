#pragma once

#include <string>
#include <vector>

#include "iuf/run/comparison.h"

namespace iuf {

/// The table's cells, head first: "96.1", or "96.1 ±0.3" over several seeds. A failed row says so. All cells of a
/// column have one unit.
std::vector<std::vector<std::string>> comparison_cells(const std::vector<ComparisonRow>& rows);
/// Why figures are n/a and what others leave out, a line each: "padim, gaussian: pixel ACC n/a: ...".
std::vector<std::string> comparison_remarks(const std::vector<ComparisonRow>& rows);
/// The same in Markdown.
std::string comparison_markdown(const std::vector<ComparisonRow>& rows);
/// A line for each seed of each row.
std::string comparison_csv(const std::vector<ComparisonRow>& rows);

}  // namespace iuf
