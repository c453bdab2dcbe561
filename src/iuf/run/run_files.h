#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "iuf/data/listing.h"
#include "nn/file.h"

// Every file of a run's folder, of a comparison's and of a prediction's: each name stands here; those by which readers
// know such a folder come from data/listing.h.
namespace iuf {

/// The pictures of a few test images (gallery.h).
struct GalleryFiles {
  std::filesystem::path folder;

  std::filesystem::path index() const { return folder / "index.json"; }
};

/// The folder that `iuf train` makes.
struct RunFiles {
  std::filesystem::path folder;

  /// What was asked for, and of which images and weights (run_description.h).
  std::filesystem::path description() const { return folder / OutputNames::run; }
  /// The effective configuration.
  std::filesystem::path config() const { return folder / OutputNames::run_config; }
  /// After the last complete step.
  std::filesystem::path model() const { return folder / "model.safetensors"; }
  /// Of an unfinished step.
  std::filesystem::path state() const { return folder / "state.safetensors"; }
  std::filesystem::path steps() const { return folder / "steps"; }
  /// Results of step `number`, counted from 0, with two digits at least (step_result.h).
  std::filesystem::path step(size_t number) const;
  /// The log of the step that was learned last, kept until its results are written (step_result.h).
  std::filesystem::path step_log() const { return steps() / "log.json"; }

  // What the report shows.
  std::filesystem::path metrics() const { return folder / "metrics.json"; }  // run_metrics.h
  std::filesystem::path log() const { return folder / "log.jsonl"; }         // training_log.h
  std::filesystem::path scores() const { return folder / "scores.csv"; }     // scores.h
  GalleryFiles gallery() const { return {folder / "gallery"}; }
  std::filesystem::path report() const { return folder / "report.html"; }

  /// Features, where no other folder is named.
  std::filesystem::path cache() const { return folder / "cache"; }
  /// What the process of a comparison's run said.
  std::filesystem::path process_log() const { return folder / "train.log"; }
};

/// The folder that `iuf compare` makes.
struct ComparisonFiles {
  std::filesystem::path folder;

  /// What was asked for (comparison_runner.h).
  std::filesystem::path description() const { return folder / OutputNames::comparison; }
  /// What came of it (comparison.h), and the same as tables.
  std::filesystem::path results() const { return folder / "comparison.json"; }
  std::filesystem::path csv() const { return folder / "comparison.csv"; }
  std::filesystem::path objects_csv() const { return folder / "comparison_objects.csv"; }
  std::filesystem::path markdown() const { return folder / "comparison.md"; }
  std::filesystem::path report() const { return folder / "report.html"; }
  std::filesystem::path cache() const { return folder / "cache"; }
  /// The run of a row. The first seed's is called as the row, those of others have the seed in their names.
  RunFiles run(const std::string& row, std::optional<int64_t> other_seed = std::nullopt) const;
};

/// The folder that `iuf predict` fills (prediction.h).
struct PredictionFiles {
  std::filesystem::path folder;

  std::filesystem::path csv() const { return folder / OutputNames::predictions_csv; }
  std::filesystem::path jsonl() const { return folder / OutputNames::predictions_jsonl; }
  std::filesystem::path heatmaps() const { return folder / heatmap_folder; }
  /// Called as no table of anybody else's would be, since a call without a report removes it.
  std::filesystem::path report() const { return folder / "predictions.html"; }
  // Of an unfinished call (prediction_journal.h); what an earlier one left stays until this one is done.
  std::filesystem::path partial() const { return folder / "predictions.partial.jsonl"; }
  /// Of one of these folders of pictures.
  std::filesystem::path partial_pictures(const std::string& name) const { return folder / (name + ".partial"); }

  static constexpr const char* heatmap_folder = OutputNames::heatmaps;
  static constexpr const char* picture_folders[] = {OutputNames::heatmaps, OutputNames::masks, OutputNames::maps};
};

/// A model file, or the one in a run's folder. Throws Error for a run that has none yet.
std::filesystem::path model_path(const std::filesystem::path& model_or_run);
/// The default folder of a model's features: beside it.
std::filesystem::path cache_beside(const std::filesystem::path& model);
/// Whether the model file lies in the folder of a run.
bool in_run_folder(const std::filesystem::path& model);

/// Keeps a model file that is going to be replaced, and the run whose folder it lies in, for this process (see
/// FileLock).
class ModelLock {
 public:
  explicit ModelLock(const std::filesystem::path& model);

 private:
  std::optional<FileLock> run_ = {}, model_ = {};
};

}  // namespace iuf
