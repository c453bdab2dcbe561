#include "iuf/checks/number_gaps.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>

#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kPlacesOfNumbers = 4;  // of a name, from the end
constexpr size_t kMostDigits = 15;
constexpr int64_t kPresent = 5;  // at most one in so many is missing

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A file's name as a number between what is before and behind it.
struct NumberedName {
  std::string group = {};
  int64_t number = 0;
};

// By the number at this place, counted from the end.
std::optional<NumberedName> numbered_name(const std::filesystem::path& file, size_t place) {
  const std::string stem = file.stem().string();
  size_t end = stem.size();
  for (size_t at = 0;; ++at) {
    while (end > 0 && !is_digit(stem[end - 1])) --end;
    size_t begin = end;
    while (begin > 0 && is_digit(stem[begin - 1])) --begin;
    if (begin == end) return std::nullopt;
    if (at < place) {
      end = begin;
      continue;
    }
    if (end - begin > kMostDigits) return std::nullopt;
    NumberedName name;
    std::from_chars(stem.data() + begin, stem.data() + end, name.number);
    name.group = (file.parent_path() / stem.substr(0, begin)).string() + '\0' + stem.substr(end);
    return name;
  }
}

using FilesByNumber = std::map<int64_t, const std::filesystem::path*>;

struct Gaps {
  int64_t missing = 0, all = 0;
  const std::filesystem::path *first = nullptr, *last = nullptr, *before = nullptr, *behind = nullptr;  // of the first
};

Gaps gaps_of(const FilesByNumber& numbers) {
  int64_t step = 0;
  for (auto at = std::next(numbers.begin()); at != numbers.end(); ++at)
    step = std::gcd(step, at->first - std::prev(at)->first);
  Gaps gaps{.first = numbers.begin()->second, .last = numbers.rbegin()->second};
  gaps.all = (numbers.rbegin()->first - numbers.begin()->first) / step + 1;
  gaps.missing = gaps.all - static_cast<int64_t>(numbers.size());
  for (auto at = std::next(numbers.begin()); at != numbers.end() && !gaps.before; ++at)
    if (at->first - std::prev(at)->first > step) {
      gaps.before = std::prev(at)->second;
      gaps.behind = at->second;
    }
  return gaps;
}

}  // namespace

std::string missing_numbers(const std::vector<std::filesystem::path>& files) {
  Gaps best;
  for (size_t place = 0; place < kPlacesOfNumbers; ++place) {
    std::map<std::string, FilesByNumber> groups;
    for (const std::filesystem::path& file : files)
      if (const auto name = numbered_name(file, place)) groups[name->group].emplace(name->number, &file);
    for (const auto& [group, numbers] : groups) {
      if (numbers.size() < kFewestNumbered) continue;
      const Gaps gaps = gaps_of(numbers);
      if (kPresent * gaps.missing <= gaps.all && gaps.all - gaps.missing > best.all - best.missing) best = gaps;
    }
  }
  if (best.missing == 0) return "";
  const auto name = [](const std::filesystem::path* file) { return escaped(file->filename().string()); };
  return std::to_string(best.missing) + " of the " + std::to_string(best.all) + " numbers from " + name(best.first) +
         " to " + name(best.last) + (best.missing == 1 ? " is" : " are") + " missing (first: between " +
         name(best.before) + " and " + name(best.behind) + ")";
}

}  // namespace iuf
