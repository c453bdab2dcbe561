#pragma once

#include <string>
#include <vector>

#include "iuf/paper/metrics.h"
#include "iuf/run/comparison.h"
#include "iuf/run/step_result.h"

namespace iuf {

/// Rows of cells as aligned lines: columns of numbers to the right, others to the left. The first row is the head.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

enum class Columns { fitting, all };  // as many as 100 characters hold, those that matter most, or every one

/// The table of a comparison. Below it, a line each: the rows that failed, and where the columns are that it lacks.
std::string comparison_text(const std::vector<ComparisonRow>& rows, Columns columns);

/// What a stream did to every object: image / pixel AUROC in percent after each step, with ACC and FM below.
std::string matrix_text(const StepMatrix& image, const StepMatrix& pixel);
/// What the thresholds make of every object's test images now, and all metrics.
std::string objects_text(const std::vector<ObjectResult>& objects);
/// A line for each reason why figures are n/a and for all else to know of them; empty where there is nothing to say.
std::string remarks_text(const std::vector<ObjectResult>& objects);

}  // namespace iuf
