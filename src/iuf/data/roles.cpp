#include "iuf/data/roles.h"

#include <algorithm>

#include "iuf/data/false_rejects.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"

namespace iuf {
namespace {

FolderRole role_of_word(Word word) {
  switch (word) {
    case Word::normal:
    case Word::golden:
      return FolderRole::normal;
    case Word::defect:
      return FolderRole::defect;
    case Word::mask:
      return FolderRole::mask;
    case Word::train:
      return FolderRole::train;
    case Word::test:
      return FolderRole::test;
    case Word::unlabelled:
      return FolderRole::unlabelled;
    default:
      return FolderRole::none;
  }
}

// Of the name as a whole, and without fillers and a number at its end.
Word meaning_of(std::string_view name) {
  Words words = words_of(name);
  if (words.empty()) return Word::none;
  if (const Word whole = word_meaning(joined_words(words)); whole != Word::none) return whole;
  words.back() = trimmed_number(words.back());
  std::erase_if(words, [](const std::string& word) { return word.empty() || is_filler(word); });
  if (const Word whole = word_meaning(joined_words(words)); whole != Word::none) return whole;
  const std::vector<Sense> senses = senses_of(words);  // negations
  return senses.size() == 1 && senses[0].begin == 0 && senses[0].end == words.size() ? senses[0].word : Word::none;
}

bool is_bad(Word word) {
  return word == Word::defect || word == Word::flaw || word == Word::sorted_out;
}

}  // namespace

FolderRole role_of(std::string_view name) {
  return role_of_word(meaning_of(name));
}

FolderRole hinted_role(std::string_view name) {
  if (role_of(name) != FolderRole::none) return FolderRole::none;
  FolderRole hint = FolderRole::none;
  for (const Sense& sense : senses_of(fine_words_of(name))) {
    if (sense.word == Word::normal) return FolderRole::normal;
    if (sense.word == Word::mask) return FolderRole::mask;
    if (sense.word == Word::defect) hint = FolderRole::defect;
  }
  return hint;
}

bool says_sorted_out(std::string_view name) {
  const Word whole = meaning_of(name);
  return is_bad(whole) || whole == Word::leftover ||
         std::ranges::any_of(senses_of(fine_words_of(name)), is_bad, &Sense::word);
}

bool is_sorted_out(std::string_view name, Weak weak) {
  const Word whole = meaning_of(name);
  if (whole == Word::leftover) return weak == Weak::counts;
  if (is_bad(whole)) return true;
  Words words = fine_words_of(name);
  std::erase_if(words, [](const std::string& word) { return trimmed_number(word).empty() || is_filler(word); });
  size_t said = 0;
  for (const Sense& sense : senses_of(words)) said += is_bad(sense.word) ? sense.end - sense.begin : 0;
  return said > 0 && said == words.size();
}

bool holds_derived_pictures(std::string_view name) {
  return meaning_of(name) == Word::derived;
}

bool is_session(std::string_view name) {
  const Words words = fine_words_of(name);
  return !words.empty() && std::ranges::all_of(words, [](const std::string& word) {
    static const Words known = {"day",    "tag",    "shift", "schicht", "line", "linie",   "cam",
                                "camera", "kamera", "batch", "charge",  "lot",  "session", "station",
                                "week",   "woche",  "kw",    "month",   "monat"};
    return trimmed_number(word).empty() || is_filler(word) || std::ranges::count(known, word) > 0;
  });
}

bool is_verdict(std::string_view name) {
  static const Words subjects = {"ko",       "defect",  "defects", "anomaly", "anomalies", "abnormality", "failure",
                                 "failures", "fault",   "faults",  "damage",  "flaw",      "flaws",       "fehler",
                                 "defekt",   "defekte", "defaut",  "defauts", "défaut",    "défauts",     "defecto",
                                 "defectos", "difetto", "difetti", "defeito", "defeitos",  "feil",        "缺陷",
                                 "异常",     "異常",    "дефект",  "дефекты", "欠陥"};
  if (role_of(name) != FolderRole::defect && hinted_role(name) != FolderRole::defect) return false;
  const Words words = fine_words_of(name);
  return std::ranges::any_of(senses_of(words), [&](const Sense& sense) {
    return sense.word == Word::defect &&
           (sense.end > sense.begin + 1 || std::ranges::count(subjects, words[sense.begin]) == 0);
  });
}

bool has_part_word(std::string_view name) {
  const Words words = words_of(name);
  const auto is_part = [](std::string_view word) {
    const Word part = word_meaning(trimmed_number(word));
    return part == Word::train || part == Word::test;
  };
  return words.size() > 1 && (is_part(words.front()) || is_part(words.back()));
}

std::string plain_name(std::string_view name) {
  return joined_words(words_of(name));
}

std::vector<DefectWord> defect_words(std::string_view stem, std::string_view object) {
  Words words = fine_words_of(stem);
  const Words own = role_of(object) == FolderRole::none ? fine_words_of(object) : Words();
  if (const auto found = std::search(words.begin(), words.end(), own.begin(), own.end()); found != words.end())
    std::fill_n(found, own.size(), "=");  // no word
  std::vector<DefectWord> said;
  for (const Sense& sense : senses_of(words)) {
    if (!is_bad(sense.word)) continue;
    const auto begin = words.begin();
    if (sense.begin > 0 && say_false_reject({begin + static_cast<std::ptrdiff_t>(sense.begin) - 1,
                                             begin + static_cast<std::ptrdiff_t>(sense.end)}))
      continue;
    said.push_back({sense.begin, joined_words({begin + static_cast<std::ptrdiff_t>(sense.begin),
                                               begin + static_cast<std::ptrdiff_t>(sense.end)})});
  }
  return said;
}

namespace {

constexpr std::pair<std::string_view, MaskWord> mask_words[] = {
    {"ground_truth", MaskWord::strong}, {"groundtruth", MaskWord::strong}, {"ground-truth", MaskWord::strong},
    {"masks", MaskWord::strong},        {"mask", MaskWord::strong},        {"maske", MaskWord::strong},
    {"gt", MaskWord::strong},           {"labels", MaskWord::weak},        {"label", MaskWord::weak},
    {"segmentation", MaskWord::weak},   {"seg", MaskWord::weak},           {"annotation", MaskWord::weak}};

bool is_separator(char c) {
  return c == '_' || c == '-' || c == '.' || c == ' ';
}

// Without the word at its end or at its beginning; empty where it is at neither.
std::string_view without_word(std::string_view stem, std::string_view word) {
  if (stem.size() < word.size() + 2) return {};
  const size_t rest = stem.size() - word.size() - 1;
  if (stem.ends_with(word) && is_separator(stem[rest])) return stem.substr(0, rest);
  if (stem.starts_with(word) && is_separator(stem[word.size()])) return stem.substr(word.size() + 1);
  return {};
}

MaskName with_word(std::string_view stem) {
  for (const auto& [text, word] : mask_words)
    if (const std::string_view rest = without_word(stem, text); !rest.empty()) return {word, std::string(rest)};
  return {};
}

// STEM_mask_v2, STEM_mask_anna: versions, and masks by several people.
MaskName with_word_inside(std::string_view stem) {
  for (const auto& [text, word] : mask_words)
    if (const size_t at = stem.rfind(text); word == MaskWord::strong && at != std::string_view::npos && at > 1)
      if (const size_t end = at + text.size();
          end + 1 < stem.size() && is_separator(stem[at - 1]) && is_separator(stem[end]))
        return {MaskWord::weak, std::string(stem.substr(0, at - 1))};
  return {};
}

}  // namespace

bool is_mask_folder_of_images(std::string_view name) {
  if (role_of(name) == FolderRole::mask) return true;
  const std::string lower = name_key(name);
  return std::ranges::any_of(mask_words, [&](const auto& entry) { return entry.first == lower; });
}

std::string derived_from(std::string_view stem) {
  const std::string lower = name_key(stem);
  const size_t cut = lower.find_last_of("_-. ");
  if (cut == std::string::npos || cut == 0) return {};
  const std::string_view word = trimmed_number(std::string_view(lower).substr(cut + 1));
  return word == "annotated" || word_meaning(word) == Word::derived ? lower.substr(0, cut) : std::string();
}

MaskName mask_name(std::string_view stem) {
  const std::string lower = name_key(stem);
  if (MaskName found = with_word(lower); found.word != MaskWord::none) return found;
  std::string_view text = trimmed_number(lower);  // STEM_mask_1
  if (text.size() < lower.size() && !text.empty() && is_separator(text.back())) text.remove_suffix(1);
  if (text.size() < lower.size())
    if (MaskName found = with_word(text); found.word != MaskWord::none) return found;
  return with_word_inside(lower);
}

std::string photograph_stem(std::string_view stem) {
  const std::string lower = name_key(stem);
  for (const std::string_view word : {"image", "img", "photo", "rgb", "color", "colour", "original", "orig", "raw"})
    if (const std::string_view rest = without_word(lower, word); !rest.empty()) return std::string(rest);
  return lower;
}

std::optional<bool> defect_label(std::string_view text) {
  const std::string lower = name_key(text);
  if (lower == "0" || lower == "false") return false;
  if (lower == "1" || lower == "true") return true;
  const FolderRole role = role_of(text);
  if (role != FolderRole::normal && role != FolderRole::defect) return std::nullopt;
  return role == FolderRole::defect;
}

}  // namespace iuf
