#include "iuf/data/rare_codes.h"

#include <algorithm>
#include <map>
#include <set>

#include "iuf/data/name_places.h"
#include "iuf/data/name_words.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kFewestCoded = 8;  // images
constexpr size_t kMostCodes = 8;
constexpr size_t kMostWords = 10;  // from the front or the back
constexpr size_t kDigits = 3;      // of zeros that are a code by themselves; fewer are minutes

using Group = std::vector<const Sample*>;

struct Name {
  const Sample* sample = nullptr;
  Code at_place = {};
};

struct Parts {
  std::string letters = {}, digits = {};

  bool is_zero() const { return !digits.empty() && digits.find_first_not_of('0') == std::string::npos; }
};

Parts parts_of(const std::string& word) {
  const std::string_view letters = trimmed_number(word);
  return {std::string(letters), word.substr(letters.size())};
}

bool is_of_errors(const std::string& letters) {
  static const std::set<std::string_view> known = {"e",     "ec",     "err",   "error", "f",      "fc",
                                                   "fault", "fehler", "alarm", "dc",    "defect", "rc",
                                                   "code",  "result", "res",   "status"};
  return known.contains(letters);
}

// What is counted or measured, or one of several devices.
bool is_counter(const std::string& letters) {
  static const std::set<std::string_view> known = {
      "cam",  "camera", "kamera", "line",    "linie", "lot",     "charge", "batch", "shift", "schicht", "station",
      "day",  "tag",    "week",   "kw",      "month", "view",    "pos",    "nest",  "side",  "cavity",  "kav",
      "head", "tool",   "wz",     "sn",      "nr",    "no",      "id",     "part",  "teil",  "serial",  "img",
      "dsc",  "frame",  "rev",    "version", "run",   "session", "user",   "tray",  "slot",  "pallet",  "operator",
      "row",  "col",    "box",    "rot",     "deg",   "angle",   "exp",    "iso",   "gain",  "op",      "st"};
  return known.contains(letters) || letters.size() == 1;
}

using Counts = std::map<std::string, size_t>;

bool have_a_form(const Counts& counts) {
  const Parts first = parts_of(counts.begin()->first);
  return !first.digits.empty() && first.digits.size() <= 6 && std::ranges::all_of(counts, [&](const auto& entry) {
    const Parts code = parts_of(entry.first);
    return code.letters == first.letters && code.digits.size() == first.digits.size();
  });
}

// Numbers that follow one another, as those of lots and days do.
bool are_neighbours(const Counts& counts) {
  const int64_t low = std::stoll(parts_of(counts.begin()->first).digits),
                high = std::stoll(parts_of(counts.rbegin()->first).digits);
  return high - low < 4 * static_cast<int64_t>(counts.size());
}

bool are_errors(const Counts& counts, const std::string& usual) {
  const Parts code = parts_of(usual);
  if (is_of_errors(code.letters)) return code.letters.size() > 1 || code.digits.size() > 1;
  if (!code.is_zero() || is_counter(code.letters) || are_neighbours(counts)) return false;
  return !code.letters.empty() || code.digits.size() >= kDigits;
}

// Whether the others stand together: a day, a lot or a setting that changed.
bool is_one_run(std::vector<Name> names, const std::string& usual) {
  std::ranges::sort(names, {}, [](const Name& name) { return name.at_place.rest; });
  size_t changes = 0;
  for (size_t i = 1; i < names.size(); ++i)
    changes += (names[i].at_place.code == usual) != (names[i - 1].at_place.code == usual);
  return changes <= 1;
}

std::string remark(const Group& samples, const Group& defects, const Place& place) {
  std::vector<Name> names;
  Counts counts;
  std::set<std::string> rests;
  for (const Sample* sample : samples) {
    const Code& name = names.emplace_back(Name{sample, code_at(*sample, place)}).at_place;
    ++counts[name.code];
    if (name.code.empty() || counts.size() > kMostCodes || !rests.insert(name.rest).second) return "";
  }
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  const std::string& usual = most->first;
  const size_t others = names.size() - most->second;
  if (others == 0 || 3 * others > names.size() || !have_a_form(counts) || !are_errors(counts, usual)) return "";
  if (is_one_run(names, usual)) return "";
  if (std::ranges::any_of(defects, [&](const Sample* s) { return code_at(*s, place).code == usual; })) return "";
  std::string codes;
  for (const auto& [code, count] : counts)
    if (code != usual) codes += (codes.empty() ? "" : ", ") + quoted_name(code);
  const std::filesystem::path& file =
      std::ranges::find_if(names, [&](const Name& name) { return name.at_place.code != usual; })->sample->file;
  return std::to_string(others) + " of " + std::to_string(names.size()) + " names of normal images have " + codes +
         " where the others have " + quoted_name(usual) +
         " (first: " + escaped((file.parent_path().filename() / file.filename()).string()) +
         "): if these are codes of errors, move them out";
}

}  // namespace

std::vector<std::string> rare_codes(const std::vector<Sample>& samples) {
  std::map<std::filesystem::path, Group> folders;
  Group defects;
  for (const Sample& sample : samples)
    (sample.defect ? defects : folders[sample.file.parent_path()]).push_back(&sample);
  std::vector<std::string> remarks;
  for (const auto& [folder, images] : folders) {
    if (images.size() < kFewestCoded) continue;
    const size_t before = remarks.size();
    for (const bool fine : {false, true})
      for (const bool from_back : {false, true})
        for (size_t number = 0; number < kMostWords && (!fine || remarks.size() == before); ++number)
          if (const std::string text = remark(images, defects, {fine, from_back, number});
              !text.empty() && std::ranges::find(remarks, text) == remarks.end())
            remarks.push_back(text);
  }
  return remarks;
}

}  // namespace iuf
