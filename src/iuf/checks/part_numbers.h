#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace iuf {

/// How many of the test images' names (normal ones) have a part's number that names of training images have at the same
/// place, counted from the front or the back, behind a time stamp or the like (20240502T062343_SN481007), and the first
/// pair; empty for fewer than 3, and for no more than chance gives, so that counters which begin anew are none. Numbers
/// behind a word for serial numbers need not be far apart.
std::string same_part_numbers(const std::vector<std::filesystem::path>& learned,
                              const std::vector<std::filesystem::path>& tested);

}  // namespace iuf
