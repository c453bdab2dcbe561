#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "iuf/features/progress.h"
#include "iuf/learn/model.h"
#include "iuf/run/prediction.h"

namespace iuf {

/// A model as it was read from its file, which may have been replaced since.
struct ModelVersion {
  Model model;
  JudgedBy by;
};

/// A model file that may be replaced while it is used. Thread-safe: whoever holds a version keeps it as long as it
/// takes, and the next one to ask gets the new one.
class LiveModel {
 public:
  /// Throws Error where the file cannot be used, and where its model has not learned any object.
  LiveModel(std::filesystem::path file, const Progress& progress);

  std::shared_ptr<const ModelVersion> current() const;
  /// Reads the file where it was replaced since. Returns what is worth saying: that there is a new version, or, once,
  /// that the new one cannot be used and the one from before goes on; empty where nothing is.
  std::string refresh();
  /// Why the file that is there now is not used; empty where it is.
  std::string problem() const;
  const std::filesystem::path& file() const { return file_; }

 private:
  // What tells one file from the next of this name.
  struct Stamp {
    ino_t inode = 0;
    off_t size = -1;
    int64_t changed = 0;

    bool operator==(const Stamp&) const = default;
  };
  Stamp stamp() const;
  std::shared_ptr<const ModelVersion> load(const Progress& progress);

  const std::filesystem::path file_;
  std::mutex loading_ = {};  // one at a time reads the file
  Stamp read_ = {};          // of the file that was read last, usable or not
  mutable std::mutex mutex_ = {};
  std::shared_ptr<const ModelVersion> current_ = {};
  std::string problem_ = {};
};

}  // namespace iuf
