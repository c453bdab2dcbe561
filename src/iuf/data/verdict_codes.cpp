#include "iuf/data/verdict_codes.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "iuf/data/listing.h"
#include "iuf/data/name_places.h"
#include "iuf/data/name_words.h"
#include "tensor/error.h"

namespace iuf {
namespace {

enum class End { last, first };

// Its first or last word, or a letter beside the number that is the rest of the name.
Code code_of(const Sample& sample, End end) {
  const std::string stem = sample.file.stem().string();
  if (const char mark = stem.back(); end == End::last && (mark == '!' || mark == '?'))
    return {std::string(1, mark), stem};
  Words words = words_of(stem);
  if (words.size() == 1) {
    const Words fine = fine_words_of(stem);
    if (fine.size() == 2 && is_number(fine[0]) != is_number(fine[1])) words = fine;
    if (words.size() == 2 && is_number(end == End::last ? words.back() : words.front())) return {};
  }
  if (words.size() < 2) return {};
  const auto at = end == End::last ? words.end() - 1 : words.begin();
  Code found{.code = *at, .rest = {}};
  words.erase(at);
  found.rest = joined_words(words);
  return found;
}

// Whether a name may be a random identifier: hexadecimal digits alone.
bool is_hexadecimal(const Sample& sample) {
  constexpr size_t fewest = 6;
  const std::string stem = sample.file.stem().string();
  return stem.size() >= fewest && std::ranges::all_of(stem, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// The folders of normal images of which nine tenths are called so, and at least one in five has a letter in the middle
// of its digits: the first or last letter of such a name is no code.
std::set<std::filesystem::path> folders_of_identifiers(const std::vector<Sample>& samples) {
  struct Counts {
    size_t images = 0, hexadecimal = 0, mixed = 0;
  };
  std::map<std::filesystem::path, Counts> folders;
  for (const Sample& sample : samples) {
    if (sample.defect) continue;
    Counts& counts = folders[sample.file.parent_path()];
    ++counts.images;
    if (!is_hexadecimal(sample)) continue;
    ++counts.hexadecimal;
    const std::string stem = sample.file.stem().string();
    counts.mixed += std::any_of(stem.begin() + 1, stem.end() - 1, [](unsigned char c) { return std::isalpha(c) != 0; });
  }
  std::set<std::filesystem::path> found;
  for (const auto& [folder, counts] : folders)
    if (10 * counts.hexadecimal >= 9 * counts.images && 5 * counts.mixed >= counts.images) found.insert(folder);
  return found;
}

// Of one folder's normal images: those with each code.
struct Codes {
  std::map<std::string, std::vector<const Sample*>> files = {};
  std::set<std::string> rests = {};
  size_t images = 0;
  bool repeated = false;  // two names differ in their codes alone

  bool has(std::string_view code) const { return files.contains(std::string(code)); }
  size_t count(std::string_view code) const { return has(code) ? files.at(std::string(code)).size() : 0; }
};

bool are_others_alike(const Codes& codes, std::string_view one, std::string_view other) {
  return std::ranges::any_of(codes.files, [&](const auto& entry) {
    const std::string& code = entry.first;
    return code != one && code != other && code.size() == 1 && one.size() == 1 && is_number(code) == is_number(one);
  });
}

bool is_verdict(const Codes& codes, std::string_view one, std::string_view other) {
  constexpr size_t fewest = 4;  // images of which numbers may tell something
  if (!codes.has(one) || !codes.has(other) || are_others_alike(codes, one, other)) return false;
  if (!is_number(one)) return true;
  return codes.images >= fewest && codes.count(one) + codes.count(other) == codes.images && !codes.repeated;
}

void remark_single(const Codes& codes, End end, std::vector<std::string>& remarks) {
  for (const std::string_view code : {"f", "x", "n", "b", "neg", "negative", "false", "!", "?"}) {
    const size_t count = codes.count(code);
    if (count == 0 || 2 * count > codes.images || are_others_alike(codes, code, code)) continue;
    const std::filesystem::path& file = codes.files.at(std::string(code)).front()->file;
    remarks.push_back(std::to_string(count) + " of " + std::to_string(codes.images) + " names of normal images " +
                      (end == End::last ? "end" : "begin") + " with " + quoted_name(std::string(code)) +
                      ", the others without a code (first: " + place_of(file) + "): if that is a verdict, " +
                      "move them out");
  }
}

void refuse_ends(const std::vector<Sample>& samples, std::vector<std::string>& remarks) {
  const std::set<std::filesystem::path> identifiers = folders_of_identifiers(samples);
  for (const End end : {End::last, End::first}) {
    std::map<std::filesystem::path, Codes> folders;
    std::set<std::string> of_defects;
    for (const Sample& sample : samples) {
      const Code code = code_of(sample, end);
      if (sample.defect) {
        of_defects.insert(code.code);
        continue;
      }
      Codes& codes = folders[sample.file.parent_path()];
      ++codes.images;
      if (code.code.empty() || (identifiers.contains(sample.file.parent_path()) && is_hexadecimal(sample))) continue;
      codes.files[code.code].push_back(&sample);
      codes.repeated = !codes.rests.insert(code.rest).second || codes.repeated;
    }
    const auto tells_nothing = [&](std::string_view code) { return of_defects.contains(std::string(code)); };
    for (const auto& [folder, codes] : folders) {
      for (const auto& [one, other] : opposing_codes) {
        if (!is_verdict(codes, one, other) || (tells_nothing(one) && tells_nothing(other))) continue;
        const auto &a = codes.files.at(std::string(one)), &b = codes.files.at(std::string(other));
        fail(a.front()->file.string(), " and ", b.front()->file.string(), ": names of normal images ",
             end == End::last ? "end" : "begin", " with ", quoted_name(std::string(one)), " (", a.size(), ") and ",
             quoted_name(std::string(other)), " (", b.size(),
             "): normal images and defects? Move defects to test/KIND or NG, rename the files, or insist ",
             "(iuf add --normal)");
      }
      remark_single(codes, end, remarks);
    }
  }
}

// The codes that stand at one place in all names of a folder.
class PlacedCodes {
 public:
  explicit PlacedCodes(const std::vector<Sample>& samples) {
    for (const Sample& sample : samples)
      (sample.defect ? defects_ : folders_[sample.file.parent_path()]).push_back(&sample);
  }

  void tell(std::vector<std::string>& remarks) const {
    constexpr size_t most = 10;  // words from either side
    for (const auto& [folder, samples] : folders_)
      for (const bool fine : {false, true})
        for (const bool from_back : {false, true})
          for (size_t number = 0; number < most; ++number) tell(samples, {fine, from_back, number}, remarks);
  }

 private:
  using Samples = std::vector<const Sample*>;

  // Nothing where a name has no word there, or two names differ in it alone.
  static Codes codes_at(const Samples& samples, const Place& place) {
    constexpr size_t most = 3;  // pass, fail and not judged
    Codes codes;
    for (const Sample* sample : samples) {
      const Code code = code_at(*sample, place);
      codes.files[code.code].push_back(sample);
      if (code.code.empty() || codes.files.size() > most || !codes.rests.insert(code.rest).second) return {};
      ++codes.images;
    }
    return codes;
  }

  static bool is_pair(const Codes& codes, std::string_view one, std::string_view other) {
    static const std::set<std::string_view> not_judged = {"x", "u", "s", "na", "skip", "unknown"};
    return codes.has(one) && codes.has(other) && std::ranges::all_of(codes.files, [&, one = one](const auto& entry) {
             return entry.first == one || entry.first == other || not_judged.contains(entry.first);
           });
  }

  bool have_defects(const Place& place, std::string_view one, std::string_view other) const {
    const auto has = [&](std::string_view code) {
      return std::ranges::any_of(defects_, [&](const Sample* s) { return code_at(*s, place).code == code; });
    };
    return has(one) && has(other);
  }

  void tell(const Samples& samples, const Place& place, std::vector<std::string>& remarks) const {
    const Codes codes = codes_at(samples, place);
    if (codes.files.size() < 2) return;
    for (const auto& [one, other] : opposing_codes) {
      if (!is_pair(codes, one, other) || have_defects(place, one, other)) continue;
      if (is_number(one)) {
        remark(codes, one, other, remarks);
        continue;
      }
      const auto &a = codes.files.at(std::string(one)), &b = codes.files.at(std::string(other));
      fail(a.front()->file.string(), " and ", b.front()->file.string(), ": names of normal images have ",
           quoted_name(std::string(one)), " (", a.size(), ") and ", quoted_name(std::string(other)), " (", b.size(),
           ") at one place: normal images and defects? Move defects to test/KIND or NG, rename the files, or insist ",
           "(iuf add --normal)");
    }
    if (is_pair(codes, "a", "b") && !have_defects(place, "a", "b")) remark(codes, "a", "b", remarks);
  }

  // Where one is the rarer: cameras and sides are of equal numbers.
  static void remark(const Codes& codes, std::string_view one, std::string_view other,
                     std::vector<std::string>& remarks) {
    if (codes.count(one) < codes.count(other)) std::swap(one, other);
    const size_t rare = codes.count(other);
    if (codes.images < 4 || 5 * rare > 2 * codes.images) return;
    const std::filesystem::path& file = codes.files.at(std::string(other)).front()->file;
    const std::string text = std::to_string(rare) + " of " + std::to_string(codes.images) +
                             " names of normal images have " + quoted_name(std::string(other)) +
                             " where the others have " + quoted_name(std::string(one)) + " (first: " + place_of(file) +
                             "): if that is a verdict, move them out";
    if (std::ranges::find(remarks, text) == remarks.end()) remarks.push_back(text);
  }

  std::map<std::filesystem::path, Samples> folders_ = {};  // of normal images
  Samples defects_ = {};
};

}  // namespace

void refuse_verdict_codes(const std::vector<Sample>& samples, std::vector<std::string>& remarks) {
  refuse_ends(samples, remarks);
  PlacedCodes(samples).tell(remarks);
}

}  // namespace iuf
