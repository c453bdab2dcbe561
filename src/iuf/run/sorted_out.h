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

/// Notes which numbers the names of an object's normal images lack (missing_numbers): parts may have been taken out.
void note_taken_out(const std::string& object, const std::vector<std::string>& images, const Progress& progress);

/// What is said where none of these later scores of normal images is above the threshold, though by the scores that it
/// comes from so many would be that chance gives it in less than one of forty cases; or of these and of all lots since
/// the object was learned (ObjectRecord::earlier), each above the threshold that there was then. Empty otherwise, and
/// where the threshold is extrapolated.
std::string none_above(const ObjectRecord& object, const std::vector<double>& later);

/// What is said of test images whose labels agree with all verdicts, as after they were sorted by these: where so many
/// normal ones are not above the threshold that chance does not explain it, or where the scores of both labels come so
/// near that a threshold from other normal images would hardly lie between them (chance_between), each in less than one
/// of forty cases. Defects that are found easily leave a gap, and nothing is said; sorted images whose scores do, too,
/// cannot be told from these.
std::string agreeing_labels(const Calibration& calibration, size_t normal, double highest_normal, double lowest_defect);

}  // namespace iuf
