#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/cache_bound.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model_versions.h"
#include "iuf/learn/recalibration.h"

namespace iuf {

struct CalibrateOptions {
  std::filesystem::path model;               // a file
  std::optional<std::filesystem::path> out;  // default: replaces the model
  std::optional<std::string> object;         // default: all
  std::optional<double> false_alarms, threshold;
  std::optional<std::filesystem::path> folder;  // of normal images that came later, of one object
  LaterImages later = LaterImages::add;
  Trust trust = Trust::names;
  bool back = false;            // undo the last change
  CachePlace cache = {};        // default: beside the model
  VersionLimits versions = {};  // of the model's predecessors
};

/// An object whose threshold was changed: what was in force until now, and what is.
struct Recalibrated {
  Calibration before;
  ObjectRecord now;
};

/// Changes thresholds of a model without its training images; what they were is kept in it. With a folder, its images
/// are judged, photographs that the object was learned from and copies left out, which is noted. Returns the objects
/// that were changed. Errors: as of recalibration.h; nothing that is asked for, or too much; a folder for several
/// objects; no image that is new; one from which images were taken by their verdicts (sorted_out), unless the caller
/// says that it is normal; to go back beyond an update, whose scores are others.
std::vector<Recalibrated> calibrate_model(const CalibrateOptions& options, const Progress& progress);

/// What is said of an object without scores of normal images where a share of false alarms is asked for.
std::string threshold_stays(const ObjectRecord& object);
/// What to expect of a threshold: "0.5 % (0.0 to 1.3 %)", "at most 3.1 % (0.0 to 9.2 %)", "n/a".
std::string expected_false_alarms(const Calibration& calibration);
/// What is asked where the threshold rises so far from what it was that defects may hide below it; empty where it does
/// not. `undo` says how to take it back.
std::string doubtful_rise(const Calibration& before, const ObjectRecord& now, const std::string& undo);
/// What is asked where new images of the object score clearly lower than the normal ones that the model keeps scores of
/// (score_drift), as those do that it has seen; empty where they do not.
std::string known_by_score(const Calibration& before, const std::vector<double>& scores);
/// How many more normal images would promise the share that the threshold was asked for; 0 where enough are there.
size_t images_missing(const Calibration& calibration);
/// Whether the threshold comes from fewer scores than can promise that share (conformal_threshold).
bool is_extrapolated(const Calibration& calibration);

}  // namespace iuf
