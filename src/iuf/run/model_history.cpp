#include "iuf/run/model_history.h"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>

#include "iuf/data/json_fields.h"
#include "iuf/run/checked_lines.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostLines = 1000;  // of the file of times

std::string utc_text(std::time_t time) {
  std::tm parts{};
  char text[32];
  if (!gmtime_r(&time, &parts) || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) return "";
  return text;
}

// When the file was written; a hard link keeps that.
std::string time_of(const fs::path& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 ? utc_text(info.st_mtime) : "";
}

// A line that is damaged, as by a full disk of another program, costs itself.
std::vector<WrittenChange> read_times(const ModelVersions& versions, const Progress& progress) {
  const fs::path file = versions.history();
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  std::vector<WrittenChange> lines;
  size_t number = 0;
  for (const std::optional<nlohmann::json>& value : checked_lines(file)) {
    const std::string place = file.string() + ": line " + std::to_string(++number);
    try {
      if (!value) fail(place, ": is not whole");
      lines.push_back(from_json<WrittenChange>(*value, {place}));
    } catch (const Error& e) {
      progress.note(std::string(e.what()) + "; left out");
    }
  }
  return lines;
}

void write_times(const ModelVersions& versions, const std::vector<WrittenChange>& lines) {
  std::string text;
  for (size_t i = lines.size() > kMostLines ? lines.size() - kMostLines : 0; i < lines.size(); ++i)
    text += checked_line(to_json(lines[i]));
  write_file(versions.history(), text);
}

std::vector<std::string> names_of(const std::vector<ObjectRecord>& objects) {
  std::vector<std::string> names;
  for (const ObjectRecord& object : objects) names.push_back(object.name);
  return names;
}

// The change that left a model file.
WrittenChange change_of(const fs::path& file) {
  WrittenChange change;
  change.time = time_of(file);
  change.hash = file_hash(file);
  try {
    const ModelDescription d = model_description(read_safetensors(file));
    if (!d.changes.empty()) {
      static_cast<ModelChange&>(change) = d.changes.back();
      return change;
    }
    change.version = version_of(d.changes, d.steps);
    change.program = d.version;
    change.objects = names_of(d.objects);
    change.what = "made before versions were kept";
  } catch (const Error&) {
    change.what = "cannot be read as a model of this program";
  }
  return change;
}

bool has_hash(const std::vector<WrittenChange>& lines, const std::string& hash) {
  return std::ranges::find(lines, hash, &WrittenChange::hash) != lines.end();
}

// A version that was written again, as with what was measured after its step, is the same one: its last file counts.
void add_line(std::vector<WrittenChange>& lines, const WrittenChange& change) {
  if (has_hash(lines, change.hash)) return;
  const auto same = std::ranges::find_if(lines, [&](const WrittenChange& line) {
    return !change.command.empty() && static_cast<const ModelChange&>(line) == static_cast<const ModelChange&>(change);
  });
  if (same == lines.end()) return lines.push_back(change);
  same->hash = change.hash;
}

// Keeps what stands at the target, and returns the change that left it.
std::optional<WrittenChange> keep_predecessor(const fs::path& target, const ModelVersions& versions,
                                              const VersionLimits& limits) {
  std::error_code error;
  if (!fs::is_regular_file(target, error)) return std::nullopt;
  WrittenChange change = change_of(target);
  if (limits.count > 0) versions.keep(change.version);
  return change;
}

// Notes the times of a model that was written just now, and of what it replaced.
void note_times(const ModelVersions& versions, const std::optional<WrittenChange>& before, const fs::path& target,
                const Progress& progress) {
  std::error_code error;
  if (!fs::is_directory(versions.folder(), error)) return;
  try {
    std::vector<WrittenChange> lines = read_times(versions, progress);
    if (before) add_line(lines, *before);
    add_line(lines, change_of(target));
    write_times(versions, lines);
  } catch (const Error& e) {
    progress.note(std::string(e.what()) + "; the model is written, its time is not noted");
  }
}

}  // namespace

void save_version(Model& model, const fs::path& target, ModelChange change, const VersionLimits& limits,
                  const Progress& progress) {
  const ModelVersions versions(target);
  const std::vector<KeptModel> kept = versions.kept();
  const std::optional<WrittenChange> before = keep_predecessor(target, versions, limits);
  model.note_change(std::move(change), std::max(before ? before->version : 0, kept.empty() ? 0 : kept.front().version));
  if (!before && limits.count > 0) make_folder(versions.folder());
  model.save(target);
  note_times(versions, before, target, progress);
  versions.prune(limits);
}

void save_copy(const Model& model, const fs::path& target, const VersionLimits& limits) {
  const ModelVersions versions(target);
  keep_predecessor(target, versions, limits);
  model.save(target);
  versions.prune(limits);
}

ModelHistory model_history(const fs::path& model, const Progress& progress) {
  const ModelVersions versions(model);
  ModelHistory history;
  std::vector<WrittenChange> lines = read_times(versions, progress);
  std::string now;  // the hash of the model
  std::vector<ModelChange> own;
  std::error_code error;
  if (fs::is_regular_file(model, error)) now = file_hash(model);
  try {
    const ModelDescription d = model_description(read_safetensors(model), progress);
    own = d.changes;
    history.version = version_of(own, d.steps);
  } catch (const Error& e) {
    history.fault = e.what();
  }
  if (!now.empty() && history.fault.empty()) add_line(lines, change_of(model));
  const std::vector<KeptModel> kept = versions.kept();
  for (const KeptModel& k : kept)
    if (std::ranges::none_of(lines, [&](const WrittenChange& line) { return line.hash.starts_with(k.hash); }))
      add_line(lines, change_of(k.file));
  for (const ModelChange& change : own)
    if (std::ranges::find(lines, change.version, &WrittenChange::version) == lines.end())
      static_cast<ModelChange&>(lines.emplace_back()) = change;
  std::ranges::stable_sort(lines, {}, &WrittenChange::version);
  for (const WrittenChange& line : lines) {
    HistoryEntry entry{line};
    const auto file = std::ranges::find_if(
        kept, [&](const KeptModel& k) { return !line.hash.empty() && line.hash.starts_with(k.hash); });
    if (file != kept.end()) {
      entry.state = VersionState::kept;
      entry.file = file->file;
    }
    if (!now.empty() && line.hash == now) {
      entry.state = VersionState::current;
      entry.file = model;
    }
    history.entries.push_back(std::move(entry));
  }
  return history;
}

namespace {

// The one of this version, else the newest whole one.
KeptModel chosen_predecessor(const fs::path& model, const ModelVersions& versions, std::optional<int64_t> version) {
  const std::vector<KeptModel> kept = versions.kept();
  if (kept.empty()) fail(model.string(), ": no predecessor is kept in ", versions.folder().string());
  if (!version) {
    if (const std::optional<KeptModel> newest = versions.newest_whole()) return *newest;
    fail(model.string(), ": none of the ", kept.size(), " predecessors in ", versions.folder().string(),
         " can be read; copy the model from elsewhere or make it anew");
  }
  std::vector<KeptModel> found;
  std::vector<std::string> numbers;
  for (const KeptModel& k : kept) {
    if (k.version == *version) found.push_back(k);
    numbers.push_back(std::to_string(k.version));
  }
  if (found.empty())
    fail(model.string(), ": version ", *version, " is not kept; there are ", joined(numbers), " in ",
         versions.folder().string());
  if (found.size() > 1)
    fail(model.string(), ": ", found.size(), " files in ", versions.folder().string(), " are version ", *version,
         ", of models that were exchanged by hand; copy the one that you want");
  return found.front();
}

}  // namespace

RolledBack rollback_model(const fs::path& model, std::optional<int64_t> version, const VersionLimits& limits,
                          const Progress& progress) {
  const ModelVersions versions(model);
  std::optional<ModelLock> lock;
  if (fs::exists(model)) lock.emplace(model);
  const KeptModel chosen = chosen_predecessor(model, versions, version);
  Model back = Model::load(chosen.file, progress);
  const int64_t came_back = chosen.version;
  try {
    back.set_changes(model_description(read_safetensors(model)).changes);
  } catch (const Error&) {
    // Damaged or gone: what the predecessor remembers is what there is.
  }
  std::vector<std::string> names = names_of(back.objects());
  save_version(
      back, model,
      {.command = "rollback", .objects = std::move(names), .what = "back to version " + std::to_string(came_back)},
      limits, progress);
  return {.from = came_back, .version = back.version()};
}

}  // namespace iuf
