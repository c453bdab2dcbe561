#include "iuf/report/run_folder.h"

#include <algorithm>

#include "iuf/run/run_files.h"
#include "iuf/run/run_model.h"
#include "iuf/run/training_log.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "tensor/error.h"

namespace iuf::report {
namespace {

namespace fs = std::filesystem;

// What exists but cannot be looked at is left to the reader to complain about.
bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::status(file, error).type() != fs::file_type::not_found;
}

// What came after the last step. A model that cannot be read is for other commands to complain about.
std::optional<LaterModel> read_later(const fs::path& model) {
  LaterModel later;
  try {
    const ModelDescription d = model_description(read_safetensors(model));
    const std::vector<HistoryEntry> entries = model_history(model).entries;
    bool recorded = false;
    for (const ModelChange& change : d.changes) {
      if (change.command == "train") {
        later.changes.clear();
        continue;
      }
      recorded = change.command == "eval" || (recorded && change.command == "calibrate");
      WrittenChange& written = later.changes.emplace_back();
      static_cast<ModelChange&>(written) = change;
      const auto entry = std::ranges::find_if(
          entries, [&](const HistoryEntry& e) { return static_cast<const ModelChange&>(e) == change; });
      if (entry != entries.end()) written.time = entry->time;
    }
    if (recorded && static_cast<int64_t>(d.history.size()) == d.steps) later.measured = d.history.back();
    later.objects = d.objects;
  } catch (const Error&) {
    return std::nullopt;
  }
  return later.changes.empty() ? std::nullopt : std::optional(later);
}

}  // namespace

RunFolder read_run_folder(const fs::path& run) {
  const RunFiles files{run};
  std::error_code error;
  if (!fs::is_directory(run, error)) fail(run.string(), ": no such folder; give the folder that `iuf train` wrote");
  if (!is_there(files.metrics()))
    fail(run.string(), ": holds no metrics.json; give the folder of a run that has been evaluated");

  RunFolder folder;
  folder.name = fs::weakly_canonical(run, error).filename().string();
  folder.metrics = read_metrics(files.metrics());
  folder.image = step_matrix(folder.metrics, Level::image);
  folder.pixel = step_matrix(folder.metrics, Level::pixel);
  for (const fs::path& place : {run, run / ".."})
    if (const fs::path path = ComparisonFiles{place}.results(); !folder.comparison && is_there(path)) {
      folder.comparison = read_comparison(path);
      folder.comparison_folder = place;
    }
  if (is_there(files.log())) folder.log = read_log(files.log());
  if (is_there(files.scores())) folder.scores = read_scores(files.scores(), folder.metrics.scores);
  folder.gallery_folder = files.gallery().folder;
  if (is_there(files.gallery().index())) folder.gallery = read_gallery(files.gallery());
  if (is_there(files.model())) folder.later = read_later(files.model());
  if (is_there(files.config())) folder.config = read_text(files.config());
  folder.differences = model_differences(files);

  const auto unknown = [&](const auto& entry) {
    return std::ranges::find(folder.metrics.objects, entry.object) == folder.metrics.objects.end();
  };
  if (folder.scores) std::erase_if(*folder.scores, unknown);
  if (folder.gallery) std::erase_if(folder.gallery->items, unknown);
  return folder;
}

}  // namespace iuf::report
