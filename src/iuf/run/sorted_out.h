#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/progress.h"
#include "iuf/learn/object_record.h"

// Folders from which images were taken by their scores: what is left scores too low for a threshold.
namespace iuf {

/// Throws Error, or where the caller says that the images are normal, notes it about the object, where a table of
/// verdicts in the folder, beside it or in FOLDER.verdicts (log.csv of `iuf watch`, predictions.csv) says that images
/// of this folder were defects or unknown and are no longer there, that those that are there were all ok, and that
/// these are at least half of its images. A table that cannot be read says nothing.
void refuse_sorted_out(const std::filesystem::path& folder, const std::vector<std::string>& images, Trust trust,
                       const std::string& object, const Progress& progress);

/// What is said where none of these later scores of normal images is above the threshold, though by the scores that it
/// comes from so many would be that chance does not explain it (alarms_as_expected). Empty otherwise.
std::string none_above(const Calibration& calibration, const std::vector<double>& later);

}  // namespace iuf
