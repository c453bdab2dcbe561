#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/learn/log_entry.h"
#include "iuf/run/comparison.h"
#include "iuf/run/gallery.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_metrics.h"
#include "iuf/run/scores.h"

namespace iuf::report {

/// What became of a run's model after its last step.
struct LaterModel {
  std::vector<WrittenChange> changes = {};
  std::vector<ObjectRecord> objects = {};  // that it knows now
  StepRecord measured = {};                // of these, by `iuf eval --record` after all other changes; else empty
};

/// What a training run left in its folder, for the report to show. What is not there is an empty member; only
/// metrics.json must be there.
struct RunFolder {
  std::string name;  // of the folder
  RunMetrics metrics;
  StepMatrix image, pixel;  // the same as matrices
  std::optional<Comparison> comparison;
  std::filesystem::path comparison_folder;  // that its pictures are named from
  std::optional<std::vector<LogEntry>> log;
  std::optional<std::vector<ScoredImage>> scores;
  std::optional<Gallery> gallery;
  std::filesystem::path gallery_folder;  // that its pictures are named from
  std::optional<std::string> config;
  std::vector<std::string> differences;  // of its model from the one that the figures are of (run_model.h)
  std::optional<LaterModel> later;       // where its model was changed since, and can be read
};

/// Reads it all. comparison.json may also stand in the folder above, as `iuf compare` leaves it. What a running step
/// has written ahead of metrics.json is left out, but for its log. A malformed file is an Error with its path and the
/// key or line.
RunFolder read_run_folder(const std::filesystem::path& run);

}  // namespace iuf::report
