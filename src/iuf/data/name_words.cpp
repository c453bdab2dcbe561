#include "iuf/data/name_words.h"

#include <algorithm>
#include <set>

#include "iuf/data/broken_names.h"
#include "iuf/data/name_forms.h"

namespace iuf {
namespace {

using Set = std::set<std::string_view>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_negation(const Words& words, size_t i) {
  static const Set all = {"no",    "not",    "non",    "none",   "without", "wo",     "zero",   "ohne", "kein",
                          "keine", "nicht",  "keinen", "sans",   "pas",     "aucun",  "aucune", "sin",  "ningun",
                          "senza", "nessun", "sem",    "nenhum", "geen",    "zonder", "niet",   "bez",  "utan",
                          "ikke",  "inga",   "без",    "не",     "нет",     "无",     "無"};
  static const Set of = {"of", "from", "von"};
  if (all.contains(words[i])) return true;
  return (words[i] == "free" || words[i] == "frei") && i + 1 < words.size() && of.contains(words[i + 1]);
}

bool is_article(std::string_view word) {
  static const Set all = {"any", "a", "an", "the", "visible", "of", "from", "von", "de", "d", "del", "di"};
  return all.contains(word);
}

bool says_free(std::string_view word) {
  static const Set all = {"free", "frei", "freie", "less", "libre", "vrij", "fri", "los"};
  return all.contains(word);
}

Word negated(Word word) {
  if (word == Word::defect || word == Word::flaw) return Word::normal;
  return word == Word::normal ? Word::defect : Word::none;
}

// N.G., n-ok, n.i.O.: other short words are not looked for across a cut.
bool is_spelled(std::string_view text) {
  static const Set all = {"ng", "nok", "nio", "ko"};
  return all.contains(text);
}

// keineFehler, undamaged, defectless.
Word glued_negation(std::string_view word) {
  constexpr size_t shortest = 4;  // of the word that is negated: "nok" and "king" are words of their own
  for (const std::string_view before :
       {"non", "no", "not", "zero", "without", "ohne", "keine", "kein", "nicht", "sans", "senza", "sin", "un", "без"})
    if (word.starts_with(before) && word.size() >= before.size() + shortest)
      if (const Word found = negated(word_meaning(word.substr(before.size()))); found != Word::none) return found;
  for (const std::string_view behind : {"free", "freie", "frei", "less", "los", "vrij", "fri"})
    if (word.ends_with(behind) && word.size() >= behind.size() + shortest)
      if (negated(word_meaning(word.substr(0, word.size() - behind.size()))) == Word::normal) return Word::normal;
  return Word::none;
}

// "产品不良", and with a negation before it "无缺陷".
Word east_asian_sense(std::string_view text) {
  if (std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xe3; })) return Word::none;
  const std::string_view word = east_asian_word(text);
  if (word.empty()) return Word::none;
  const std::string_view before = text.substr(0, static_cast<size_t>(word.data() - text.data()));
  for (const std::string_view no : {"无", "無", "没有", "零"})
    if (before.ends_with(no)) return negated(word_meaning(word));
  return word_meaning(word);
}

// The longest run of words at `begin` that says something.
Sense longest(const Words& words, size_t begin) {
  std::string text;
  Sense best;
  for (size_t end = begin; end < std::min(begin + 4, words.size()) && !is_number(words[end]); ++end) {
    text += words[end];
    if (end > begin && text.size() < 5 && !is_spelled(text)) continue;
    if (const Word found = word_meaning(text); found != Word::none) best = {found, begin, end + 1};
  }
  for (const auto sense : {glued_negation, east_asian_sense})
    if (best.word == Word::none)
      if (const Word found = sense(words[begin]); found != Word::none) best = {found, begin, begin + 1};
  return best;
}

Sense sense_at(const Words& words, size_t begin) {
  Sense found = longest(words, begin);
  if (found.word == Word::none && is_negation(words, begin)) {
    size_t next = begin + 1;
    while (next < words.size() && is_article(words[next])) ++next;
    if (next == words.size()) return found;
    const Sense inner = longest(words, next);
    if (const Word other = negated(inner.word); other != Word::none) return {other, begin, inner.end};
  }
  if (negated(found.word) == Word::normal && found.end < words.size() && says_free(words[found.end]))
    return {Word::normal, begin, found.end + 1};
  return found;
}

enum class Sort { digit, capital, letter };

Sort sort_of(char c) {
  return is_digit(c) ? Sort::digit : c >= 'A' && c <= 'Z' ? Sort::capital : Sort::letter;
}

bool is_cut(char before, char after) {
  const Sort a = sort_of(before), b = sort_of(after);
  return (a == Sort::digit) != (b == Sort::digit) || (a == Sort::letter && b == Sort::capital);
}

// Three or more words of at most three letters each, as in EyNG4U: a random identifier has them, a name hardly.
bool is_random(std::string_view piece, const std::vector<size_t>& cuts) {
  size_t words = 0;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    if (is_digit(piece[cuts[i]])) continue;
    if (cuts[i + 1] - cuts[i] > 3) return false;
    ++words;
  }
  return words >= 3;
}

constexpr std::string_view separators = "_-. ()[],+&";

// A size or a magnification: it stands between others or beside a short number.
bool is_times_sign(std::string_view name, size_t at, size_t size) {
  const std::string_view before = name.substr(0, at), behind = name.substr(at + size);
  const auto is_short = [](std::string_view number) { return number.size() <= 3 && number.front() != '0'; };
  if (before.find_first_not_of(separators) != std::string_view::npos) {
    if (behind.find_first_not_of(separators) != std::string_view::npos) return true;
    const std::string_view digits = before.substr(trimmed_number(before).size());
    return !digits.empty() && is_short(digits);
  }
  const std::string_view digits = behind.substr(0, std::min(behind.find_first_not_of("0123456789"), behind.size()));
  return !digits.empty() && is_short(digits);
}

// In its usual form; a × that is no mark is an x, so that 64×64 is 64x64.
std::string text_of(std::string_view name) {
  constexpr std::string_view times = "×";
  const std::string_view exported = exported_from(name);
  std::string text = usual_form(mended_name(exported.empty() ? name : exported));
  for (size_t at = text.find(times); at != std::string::npos; at = text.find(times, at + 1))
    if (is_times_sign(text, at, times.size())) text.replace(at, times.size(), "x");
  return text;
}

template <class Use>
void for_each_piece(std::string_view name, const Use& use) {
  size_t begin = 0;
  const auto end_at = [&](size_t end) {
    if (const std::string_view piece = name.substr(begin, end - begin); !piece.empty()) use(piece);
  };
  for (size_t i = 0; i < name.size();) {
    const size_t mark = verdict_mark_size(name.substr(i));
    if (mark == 0 && separators.find(name[i]) == std::string_view::npos) {
      ++i;
      continue;
    }
    end_at(i);
    if (mark > 0) use(name.substr(i, mark));
    begin = i += std::max<size_t>(mark, 1);
  }
  end_at(name.size());
}

// 8-4-4-4-12 hexadecimal digits and the like, of which some four could be "bad7".
bool is_uuid(std::string_view name) {
  const auto is_hex = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
  };
  return name.size() >= 32 && std::ranges::all_of(name, is_hex);
}

}  // namespace

std::string_view exported_from(std::string_view stem) {
  constexpr std::string_view mark = ".rf.";
  constexpr size_t shortest = 8;  // hash
  const size_t at = stem.rfind(mark);
  if (at == std::string_view::npos || at == 0) return {};
  const std::string_view hash = stem.substr(at + mark.size());
  const auto is_of_hash = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (hash.size() < shortest || !std::ranges::all_of(hash, is_of_hash)) return {};
  std::string_view name = stem.substr(0, at);
  for (const std::string_view ending :
       {"_png", "_jpg", "_jpeg", "_bmp", "_webp", "_tif", "_tiff", "_PNG", "_JPG", "_JPEG"})
    if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

std::string folded(std::string_view name) {
  constexpr std::string_view sharp_s = "ß";
  std::string text = name_key(name);
  for (size_t at = text.find(sharp_s); at != std::string::npos; at = text.find(sharp_s, at))
    text.replace(at, sharp_s.size(), "ss");
  return text;
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, is_digit);
}

std::string_view trimmed_number(std::string_view word) {
  while (!word.empty() && is_digit(word.back())) word.remove_suffix(1);
  return word;
}

Words words_of(std::string_view name) {
  Words words;
  for_each_piece(text_of(name), [&](std::string_view piece) { words.push_back(folded(piece)); });
  return words;
}

Words fine_words_of(std::string_view name) {
  constexpr size_t most_cuts = 4;  // of what is no random identifier
  if (is_uuid(name)) return {};
  Words words;
  for_each_piece(text_of(name), [&](std::string_view piece) {
    std::vector<size_t> cuts = {0};
    for (size_t i = 1; i < piece.size(); ++i)
      if (is_cut(piece[i - 1], piece[i])) cuts.push_back(i);
    cuts.push_back(piece.size());
    if (cuts.size() > most_cuts + 2 || is_random(piece, cuts)) cuts = {0, piece.size()};
    for (size_t i = 0; i + 1 < cuts.size(); ++i) words.push_back(folded(piece.substr(cuts[i], cuts[i + 1] - cuts[i])));
  });
  return words;
}

std::string joined_words(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += word;
  return text;
}

std::vector<Sense> senses_of(const Words& words) {
  std::vector<Sense> found;
  for (size_t i = 0; i < words.size();) {
    const Sense sense = sense_at(words, i);
    if (sense.word == Word::none) {
      ++i;
    } else {
      found.push_back(sense);
      i = sense.end;
    }
  }
  return found;
}

}  // namespace iuf
