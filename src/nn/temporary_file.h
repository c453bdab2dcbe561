#pragma once

#include <filesystem>

namespace iuf {

/// Removes the temporary files that killed processes left in a folder. Once for a folder: a look at all its names takes
/// time in a large one.
void remove_leftovers(const std::filesystem::path& folder);

/// A new file in a folder, with a name that nobody can guess. It is this process's for as long as it is held open.
class TemporaryFile {
 public:
  /// Without one (fd() is -1) errno says why.
  explicit TemporaryFile(const std::filesystem::path& folder);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  /// Removes the file, unless it was moved.
  ~TemporaryFile();

  int fd() const { return fd_; }
  /// Closes it and moves it to a path of the same file system, over what stands there. Returns 0 or the errno; then the
  /// file is removed.
  int move_to(const std::filesystem::path& path);

 private:
  void remove();

  std::filesystem::path path_ = {};
  int fd_ = -1;
};

}  // namespace iuf
