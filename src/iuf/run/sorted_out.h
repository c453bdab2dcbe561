#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/learn/object_record.h"

// Folders from which images were taken by their scores: what is left scores too low for a threshold.
namespace iuf {

/// What tables of verdicts in a folder, beside it or in FOLDER.verdicts (log.csv of `iuf watch`, predictions.csv) say:
/// that images of this folder were defects or unknown and are no longer there, that those that are there were all ok,
/// and that these are at least half of its images. Empty otherwise. A table that cannot be read says nothing.
std::string sorted_out(const std::filesystem::path& folder, const std::vector<std::string>& images);

/// What is said where none of these later scores of normal images is above the threshold, though by the scores that it
/// comes from so many would be that chance does not explain it (alarms_as_expected). Empty otherwise.
std::string none_above(const Calibration& calibration, const std::vector<double>& later);

}  // namespace iuf
