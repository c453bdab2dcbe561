#include "iuf/run/run_files.h"

#include <cstdio>

#include "tensor/error.h"

namespace iuf {

namespace fs = std::filesystem;

fs::path RunFiles::step(size_t number) const {
  char name[32];
  std::snprintf(name, sizeof name, "%02zu.json", number);
  return steps() / name;
}

RunFiles ComparisonFiles::run(const std::string& row, std::optional<int64_t> other_seed) const {
  return {folder / (other_seed ? row + "-seed" + std::to_string(*other_seed) : row)};
}

fs::path model_path(const fs::path& model_or_run) {
  if (!fs::is_directory(model_or_run)) return model_or_run;
  const RunFiles run{model_or_run};
  if (!fs::exists(run.model()) && fs::exists(run.description()))
    fail(model_or_run.string(), ": this run has not ended its first step; the same `iuf train` goes on with it");
  return run.model();
}

fs::path cache_beside(const fs::path& model) {
  return RunFiles{fs::absolute(model).parent_path()}.cache();
}

bool in_run_folder(const fs::path& model) {
  return fs::exists(RunFiles{fs::absolute(model).parent_path()}.description());
}

ModelLock::ModelLock(const fs::path& model) {
  if (in_run_folder(model)) run_.emplace(fs::absolute(model).parent_path());
  model_.emplace(model);
}

}  // namespace iuf
