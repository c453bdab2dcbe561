#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <string>

namespace iuf {

/// Tells of images that come one by one which numbers their names lack (missing_numbers): a camera or a copy lost some.
/// One that comes somewhat later than those behind it is not missing.
class NumberWatch {
 public:
  static constexpr size_t kLast = 200, kEvery = 25;  // images that are looked at, and how often
  static constexpr size_t kLate = 10;                // so many others may come before one

  /// Takes an image's file. Returns what is worth saying now, or nothing; what was said is not said again.
  std::string take(const std::filesystem::path& file);
  /// Takes one that came before this process began.
  void recall(const std::filesystem::path& file);

 private:
  std::deque<std::filesystem::path> last_ = {};
  size_t since_ = 0;  // that came since they were looked at
};

}  // namespace iuf
