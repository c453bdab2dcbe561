#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "iuf/features/progress.h"

namespace iuf {

/// What is found in many files, each kind said once: in how many, and in which first. Thread-safe.
class Findings {
 public:
  /// `what` is a plural, the same words for every file: "masks that mark nothing". `number` tells which file is first.
  void add(const std::string& what, size_t number, const std::string& file);
  /// One line each, as "WHAT: 3, first FILE".
  std::vector<std::string> lines() const;
  /// Tells them, with "WHERE: " before each.
  void tell(const std::string& where, const Progress& progress) const;

 private:
  struct Kind {
    size_t count = 0, first = 0;
    std::string file = {};
  };
  mutable std::mutex mutex_ = {};
  std::map<std::string, Kind> kinds_ = {};
};

}  // namespace iuf
