#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace iuf {

/// A complete file or none, as write_file() makes it, of content that is made piece by piece and never held as a whole.
/// Errors name the path.
class FileWriter {
 public:
  explicit FileWriter(const std::filesystem::path& path);
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  /// Without finish() whatever stood at the path before is untouched.
  ~FileWriter();

  void add(std::span<const std::byte> bytes);
  void finish();

 private:
  void flush();
  void give_up();
  [[noreturn]] void fail_written(int error);

  std::filesystem::path path_, target_, temporary_ = {};  // the target is where a link leads
  std::vector<std::byte> held_ = {};                      // small pieces
  int fd_ = -1;
};

}  // namespace iuf
