#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "iuf/data/progress.h"
#include "iuf/paper/protocol.h"
#include "iuf/run/run_metrics.h"
#include "iuf/settings/settings.h"

namespace iuf {

/// Everything that defines a run; equal options and data give an equal model.
struct RunOptions {
  std::filesystem::path data, out;
  std::optional<std::filesystem::path> backbone_weights;
  std::optional<std::filesystem::path> cache;  // default: in the run's folder
  std::string profile = "fast", method = "iuf";
  Stream stream;
  Settings settings;
  double checkpoint_seconds = 10;
  std::string config_text = {};  // the effective configuration, to be stored with the run
};

/// Trains a stream step by step and evaluates after each. What it leaves in the folder `out` is listed in run_files.h.
/// Every file is written whole; called again, it goes on after the last complete state and ends with the same model.
/// Another run in the same folder is refused. Returns what the folder's metrics.json holds.
RunMetrics train_run(const RunOptions& options, const Progress& progress);

}  // namespace iuf
