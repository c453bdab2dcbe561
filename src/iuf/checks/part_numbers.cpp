#include "iuf/checks/part_numbers.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "iuf/data/made_pictures.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Files = std::vector<fs::path>;

constexpr size_t kFewest = 3;        // test images
constexpr size_t kFewestDigits = 3;  // of a part's number
constexpr size_t kPlaces = 6;        // of a name, from either end
constexpr double kChance = 5;        // as many times more than chance gives

bool is_serial(std::string_view word) {
  static const std::set<std::string_view> known = {
      "sn",       "snr",          "ser", "serial", "serialno", "serialnr", "serien", "serie",
      "seriennr", "seriennummer", "dmc", "dm",     "barcode",  "uid",      "matrix", "datamatrix"};
  return known.contains(word);
}

// A word of a name that may be a part's number: SN481007, or 481007 behind SN.
struct Number {
  std::string word, prefix;
  int64_t value = 0;
  bool serial = false;
};

std::optional<Number> number_of(const Words& words, size_t at) {
  constexpr size_t most_digits = 18;
  Number number{.word = words[at], .prefix = std::string(trimmed_number(words[at]))};
  const std::string_view digits = std::string_view(number.word).substr(number.prefix.size());
  if (digits.size() < kFewestDigits || digits.size() > most_digits) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), number.value);
  number.serial = is_serial(number.prefix) || (number.prefix.empty() && at > 0 && is_serial(words[at - 1]));
  return number;
}

struct NumberPlace {
  size_t from_end;
  bool front;
};

std::optional<Number> number_at(const fs::path& file, const NumberPlace& place) {
  const Words words = words_of_stem(file);
  if (place.from_end >= words.size()) return std::nullopt;
  return number_of(words, place.front ? place.from_end : words.size() - 1 - place.from_end);
}

// The numbers with one prefix: which training images have, and how far they reach.
struct Numbers {
  int64_t low = INT64_MAX, high = INT64_MIN;
  std::set<int64_t> learned = {};

  void add(int64_t value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // That a number among these is one of a training image.
  double chance() const { return static_cast<double>(learned.size()) / (static_cast<double>(high - low) + 1); }
};

struct Same {
  size_t count = 0;
  std::string first = {};
};

// Test images whose number at this place a training image has; none where chance explains them.
Same same_at(const NumberPlace& place, const Files& learned, const Files& tested, const std::set<std::string>& stems) {
  std::map<std::string, const fs::path*> files;  // by word
  std::map<std::string, Numbers> ranges;         // by prefix
  std::vector<std::pair<const fs::path*, Number>> tests;
  for (const fs::path& file : learned)
    if (const auto number = number_at(file, place)) {
      files.try_emplace(number->word, &file);
      Numbers& range = ranges[number->prefix];
      range.add(number->value);
      range.learned.insert(number->value);
    }
  if (files.size() < kFewest || 3 * files.size() < learned.size()) return {};
  for (const fs::path& file : tested)
    if (auto number = number_at(file, place)) {
      ranges[number->prefix].add(number->value);
      tests.emplace_back(&file, std::move(*number));
    }
  Same same;
  double chance = 0;
  size_t repeated = 0;
  for (const auto& [file, number] : tests) {
    if (!number.serial) chance += ranges[number.prefix].chance();
    const auto part = files.find(number.word);
    if (part == files.end()) continue;
    repeated += stems.contains(name_key(file->stem().string()));
    if (same.count++ == 0)
      same.first = escaped(file->filename().string()) + " beside " + escaped(part->second->filename().string());
  }
  const double needed = 2 + kChance * chance;
  return same.count < kFewest || static_cast<double>(same.count) < needed || 2 * repeated >= same.count ? Same{} : same;
}

}  // namespace

std::string same_part_numbers(const Files& learned, const Files& tested) {
  std::set<std::string> stems;
  for (const fs::path& file : learned) stems.insert(name_key(file.stem().string()));
  Same best;
  for (size_t at = 0; at < kPlaces; ++at)
    for (const bool front : {true, false})
      if (Same same = same_at({at, front}, learned, tested, stems); same.count > best.count) best = std::move(same);
  if (best.count == 0) return "";
  return std::to_string(best.count) + " of " + std::to_string(tested.size()) +
         " normal test images have the number of a learned part in their names (" + best.first +
         "): figures with them say little of new parts";
}

}  // namespace iuf
