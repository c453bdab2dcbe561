#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/features/progress.h"
#include "iuf/learn/model.h"
#include "iuf/learn/model_versions.h"

// What commands made of a model file: versions that follow each other, the earlier ones kept beside it.
namespace iuf {

/// A change, when it was written, and the file that it left: a line of MODEL.versions/history.jsonl.
struct WrittenChange : ModelChange {
  std::string time = {};  // UTC, as 2026-01-31T12:00:00Z; empty: not known
  std::string hash = {};  // file_hash() of the model; empty: not known

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    ModelChange::visit(self, field);
    field("time", self.time);
    field("hash", self.hash);
  }
};

/// Writes a model that a command changed. What stood at `target` is kept (ModelVersions); the model remembers the
/// change as its next version, above all that are known there; the time is noted beside it. Lock the target (ModelLock)
/// before the model is loaded. Error where the predecessor cannot be kept or the model not be written: then `target` is
/// as it was. What comes after is no Error but a remark.
void save_version(Model& model, const std::filesystem::path& target, ModelChange change, const VersionLimits& limits,
                  const Progress& progress);
/// Writes a model over `target` whose version is not a new one, such as a copy. Another model that stood there is kept.
void save_copy(const Model& model, const std::filesystem::path& target, const VersionLimits& limits);

enum class VersionState { current, kept, gone };
struct HistoryEntry : WrittenChange {
  VersionState state = VersionState::gone;
  std::filesystem::path file = {};  // where it is
};
struct ModelHistory {
  int64_t version = 0;                // of the model now; 0: it cannot be read
  std::string fault = {};             // why
  std::vector<HistoryEntry> entries;  // the first ones first
};
/// What is known of a model's versions, of damaged and missing models, too.
ModelHistory model_history(const std::filesystem::path& model, const Progress& progress = {});

/// Brings a predecessor back: this version of it, else the newest one. The model is replaced by it as a further
/// version; what stood there is kept, damaged or not. Errors: none is kept, or not this one; it is damaged.
struct RolledBack {
  int64_t from = 0, version = 0;  // that came back; that the model is now
};
RolledBack rollback_model(const std::filesystem::path& model, std::optional<int64_t> version,
                          const VersionLimits& limits, const Progress& progress);

}  // namespace iuf
