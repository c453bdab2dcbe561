#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace iuf {

/// How many predecessors of a model are kept beside it, the newest ones. The newest is kept whatever its size, unless
/// `count` is 0.
struct VersionLimits {
  int64_t count = 10;
  int64_t bytes = int64_t{1} << 30;
};

/// A predecessor of a model file.
struct KeptModel {
  std::filesystem::path file;
  int64_t version = 0;  // 0: of a file that could not be read as a model when it was replaced
  std::string hash;     // the first eight digits of file_hash()
  uint64_t bytes = 0;
};

/// Of a file's bytes: 16 hexadecimal digits.
std::string file_hash(const std::filesystem::path& file);

/// The predecessors of a model file, in the folder MODEL.versions beside it (beside what a link leads to). A name there
/// is made of the version and of the file's hash, so equal names are equal files: 0007-1b2c3d4e.safetensors. Keep the
/// model locked (ModelLock) while any is added or removed.
class ModelVersions {
 public:
  explicit ModelVersions(const std::filesystem::path& model);

  const std::filesystem::path& folder() const { return folder_; }
  /// When each was written (iuf/run/model_history.h).
  std::filesystem::path history() const { return folder_ / "history.jsonl"; }
  /// Newest first. Files with other names are none.
  std::vector<KeptModel> kept() const;
  /// The newest that is another file than the model as it is now, and a model of this program without damage.
  std::optional<KeptModel> newest_whole() const;
  /// Keeps the model file as it is now, by a hard link where the file system has them, else as a copy.
  void keep(int64_t version) const;
  /// Removes the oldest beyond the limits.
  void prune(const VersionLimits& limits) const;

 private:
  std::filesystem::path model_, folder_;
};

/// For messages about a model file that cannot be used: "; its newest whole predecessor is ...: `iuf rollback MODEL`
/// brings it back". Empty where there is none.
std::string predecessor_advice(const std::filesystem::path& model);

}  // namespace iuf
