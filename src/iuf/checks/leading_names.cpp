#include "iuf/checks/leading_names.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "iuf/data/made_pictures.h"
#include "iuf/data/name_words.h"
#include "iuf/data/roles.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kMostSets = 4, kFewestImages = 3;

bool is_camera(std::string_view name) {
  const Words words = fine_words_of(name);
  static const std::set<std::string_view> cameras = {"cam", "camera", "kamera"};
  return !words.empty() && cameras.contains(words.front());
}

// A day or a month, as words.
bool is_date(const std::string& name) {
  static const std::set<std::string_view> all = {
      "mon", "tue", "wed", "thu", "fri",    "sat",     "sun",       "jan",      "feb",    "mar",      "apr",   "may",
      "jun", "jul", "aug", "sep", "oct",    "nov",     "dec",       "mo",       "di",     "mi",       "do",    "fr",
      "sa",  "so",  "mai", "dez", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  const Words words = fine_words_of(name);
  return std::ranges::any_of(words, [](const std::string& word) { return all.contains(word); });
}

// What stands before the last number of a name; empty where none does, or where it says no product.
std::string lead_of(const Sample& sample) {
  Words words = words_of(sample.file.stem().string());
  if (words.size() == 1) {
    words = fine_words_of(sample.file.stem().string());
    if (words.size() != 2) return "";
  }
  const auto number = std::ranges::find_if(words, [](const std::string& word) { return is_number(word); });
  if (number == words.end() || number == words.begin()) return "";
  if (!std::all_of(number, words.end(), [](const std::string& word) { return is_number(word); })) return "";
  const std::string lead = text_of_words(words.begin(), number);
  if (is_date(lead) || (is_session(lead) && !is_camera(lead))) return "";
  for (auto word = words.begin(); word != number; ++word)
    if (word_meaning(*word) != Word::none) return "";
  return lead;
}

}  // namespace

std::string leading_names(const Dataset& data, const std::string& object) {
  std::map<std::string, size_t> sets;
  for (const Sample& sample : data.samples) {
    if (sample.object != object || !sample.train) continue;
    const std::string lead = lead_of(sample);
    if (lead.empty()) return "";
    if (++sets[lead]; sets.size() > kMostSets) return "";
  }
  if (sets.size() < 2 || std::ranges::any_of(sets, [](const auto& set) { return set.second < kFewestImages; }))
    return "";
  std::vector<std::string> names;
  for (const auto& [lead, count] : sets) names.push_back(escaped(lead) + " (" + std::to_string(count) + ")");
  const std::string last = names.back();
  names.pop_back();
  return "names begin with " + joined(names) + " and " + last +
         ": one model learns all of them; if they are several products, give each a folder";
}

}  // namespace iuf
