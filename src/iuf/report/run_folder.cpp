#include "iuf/report/run_folder.h"

#include <algorithm>

#include "iuf/run/run_files.h"
#include "iuf/run/run_model.h"
#include "iuf/run/training_log.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf::report {
namespace {

namespace fs = std::filesystem;

// What exists but cannot be looked at is left to the reader to complain about.
bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::status(file, error).type() != fs::file_type::not_found;
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
