#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace iuf {

class TemporaryFile;

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
  [[noreturn]] void fail_written(int error);

  std::filesystem::path path_;
  std::unique_ptr<TemporaryFile> temporary_;
  std::vector<std::byte> held_ = {};  // small pieces
};

}  // namespace iuf
