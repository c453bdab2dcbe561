#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iuf {

/// Insertions, deletions and replacements of bytes that turn a into b.
inline size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);  // distances of the prefix of a read so far to every prefix of b
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// Names one after the other.
template <class Names>
std::string joined(const Names& names, std::string_view separator = ", ") {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += separator;
    text += name;
  }
  return text;
}

/// " (did you mean 'train'?)" for a name that is nearly one of the known ones, otherwise nothing.
inline std::string suggestion(std::string_view name, std::span<const std::string> known) {
  if (known.empty()) return "";
  const auto distance = [&](const std::string& other) { return edit_distance(name, other); };
  const std::string& nearest = *std::ranges::min_element(known, {}, distance);
  return 2 * distance(nearest) <= nearest.size() ? " (did you mean '" + nearest + "'?)" : "";
}

}  // namespace iuf
