#pragma once

#include <string>

namespace iuf {

/// How often `part` stands in `text`, without overlaps.
inline size_t occurrences(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace iuf
