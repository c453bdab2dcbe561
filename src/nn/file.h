#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iuf {

/// The whole content of a file. Errors name the path and the system's reason; a folder, a missing file and one larger
/// than `limit` bytes are errors.
std::vector<std::byte> read_file(const std::filesystem::path& path, size_t limit = size_t{1} << 32);
std::string read_text(const std::filesystem::path& path);

/// A complete file or none: writes a temporary beside `path`, syncs and renames it, syncs the folder. A link at `path`
/// is replaced. On an error (unwritable folder, full disk) the temporary goes, and what stood at `path` is untouched.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);
/// The same for content in several pieces, written in order.
void write_file(const std::filesystem::path& path, std::span<const std::span<const std::byte>> pieces);

/// A file that grows at its end. Errors name the path.
class AppendFile {
 public:
  /// Of a file that exists.
  explicit AppendFile(const std::filesystem::path& path);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  void add(std::string_view text);  // outlives the process
  void sync();                      // outlives a power cut

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

/// A file's bytes mapped read-only for as long as any copy lives.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::shared_ptr<const void> mapping_;
  std::span<const std::byte> bytes_;
};

/// An exclusive lock on a file or folder, until the object is destroyed or the process ends, killed or not. A process
/// that cannot get it within three seconds gets an Error. On a file system without locks it does nothing.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  int fd_ = -1;
};

/// Error "PATH: cannot ACTION: REASON", with what to do about this errno.
[[noreturn]] void fail_with(const std::filesystem::path& path, const char* action, int error);

/// Makes the folder and its parents, removes what killed processes left in it; errors say which folder and why.
void make_folder(const std::filesystem::path& path);

}  // namespace iuf
