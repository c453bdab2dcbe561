#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace iuf {

/// The value below which a share `q` of the values lies, interpolated between neighbours (NumPy's default). A value
/// that is not finite is an Error.
double quantile(std::vector<double> values, double q);
/// The same of finite values in ascending order, without looking at all of them.
double sorted_quantile(std::span<const double> values, double q);

/// The value that Student's t with a whole number of degrees of freedom (at least 1) stays below with probability q, 0
/// < q < 1.
double student_quantile(double q, int64_t degrees);

}  // namespace iuf
