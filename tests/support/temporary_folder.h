#pragma once

#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>

namespace iuf {

/// A new empty folder that is removed with all it holds at the end of the test.
class TemporaryFolder {
 public:
  // Its name holds digits alone: random letters may make a word such as NG, which means something in a folder's name.
  TemporaryFolder() {
    const std::string first = "iuf_test_" + std::to_string(::getpid()) + "_";
    for (int i = 0; path_.empty(); ++i) {
      const auto name = std::filesystem::temp_directory_path() / (first + std::to_string(i));
      if (std::filesystem::create_directory(name)) path_ = name;
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The regular files at all depths, relative to `folder`.
inline std::set<std::string> files_below(const std::filesystem::path& folder) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.insert(entry.path().lexically_relative(folder).string());
  return files;
}

}  // namespace iuf
