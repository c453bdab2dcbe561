#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/checks/description.h"
#include "iuf/features/cache_bound.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model_versions.h"
#include "iuf/paper/protocol.h"
#include "iuf/run/run_metrics.h"
#include "iuf/settings/settings.h"

namespace iuf {

/// Everything that defines a run; equal options and data give an equal model.
struct RunOptions {
  std::filesystem::path data, out;
  std::optional<std::filesystem::path> backbone_weights;
  CachePlace cache = {};  // default: in the run's folder
  std::string profile = "fast", method = "iuf";
  Stream stream;
  Settings settings;
  double checkpoint_seconds = 10;
  std::optional<std::filesystem::path> ignore = {};  // masks of what to ignore (read_ignore_masks)
  VersionLimits versions = {};                       // of the model's predecessors, one a step
  std::string config_text = {};                      // the effective configuration, to be stored with the run
  /// What note_data() found of the objects, where it was called already.
  std::optional<std::map<std::string, std::vector<std::string>>> remarks = {};
};

/// Trains a stream step by step and evaluates after each. What it leaves in the folder `out` is listed in run_files.h.
/// Before the first step all images and masks are read; what is wrong with any is an Error that tells all of it
/// (check_images). Every file is written whole; called again, it goes on after the last complete state and ends with
/// the same model. The content of the data decides, not where they lie: other training images of an object that was
/// learned, and another run in the same folder, are refused; with other test images, the last step is measured again,
/// earlier ones keep their figures and metrics.json says so. Returns what the folder's metrics.json holds.
RunMetrics train_run(const RunOptions& options, const Progress& progress);

/// Whether the last step of a run that has ended was measured, without errors, on test images with these hashes
/// (testing_hashes) where the options say that they lie.
bool is_up_to_date(const RunOptions& options, const std::map<std::string, uint64_t>& testing);

}  // namespace iuf
