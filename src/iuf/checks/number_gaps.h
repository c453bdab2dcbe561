#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace iuf {

/// Which numbers the names of these files lack, in a sentence: of the files of one folder whose names differ in one
/// number alone, at least kFewestNumbered, those with the most. At least four fifths of the numbers from the lowest to
/// the highest must be there, in steps of their common divisor: a few were taken out, or never came. Empty where none
/// is missing, and where most are, as of a sample.
std::string missing_numbers(const std::vector<std::filesystem::path>& files);
inline constexpr size_t kFewestNumbered = 10;

}  // namespace iuf
