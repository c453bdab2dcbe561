#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/features/progress.h"

namespace iuf {

/// A file that was read to the end as the program itself reads it.
struct VerifiedFile {
  enum class State { whole, without_checksum, damaged };
  std::filesystem::path path;
  State state = State::whole;
  std::string fault = {};  // why it is damaged; names the file
};

struct Verification {
  std::vector<VerifiedFile> files;
  /// What was made by which version from what: lines "key  text".
  std::vector<std::string> origin;
};

/// Checks a model or weights file, or every file that `iuf train` or `iuf compare` left in a folder and reads back,
/// with the cached features below it. What other programs or people put there is not looked at. Throws Error where
/// there is nothing of this program.
Verification verify(const std::filesystem::path& path, const Progress& progress);

}  // namespace iuf
