#include "iuf/data/roles.h"

#include <algorithm>
#include <map>
#include <vector>

#include "iuf/data/listing.h"

namespace iuf {
namespace {

using Words = std::vector<std::string_view>;

// Without separators, in lower case. Words that are usual names of products (label, plate, positive, class) are none.
const std::map<std::string_view, FolderRole>& table() {
  static const std::map<std::string_view, FolderRole> roles = [] {
    const std::vector<std::pair<FolderRole, Words>> lists = {
        {FolderRole::normal,
         {"good",     "ok",        "okay",       "normal",      "normals",    "pass",         "passed",
          "io",       "gut",       "gutteil",    "gutteile",    "fehlerfrei", "bon",          "bons",
          "bonne",    "bonnes",    "conforme",   "conformes",   "buono",      "buoni",        "buona",
          "buone",    "bueno",     "buenos",     "buena",       "buenas",     "bom",          "bons",
          "goed",     "dobry",     "dobre",      "healthy",     "intact",     "nondefective", "nondefect",
          "nodefect", "nodefects", "defectfree", "anomalyfree", "noanomaly",  "nonanomalous", "flawless",
          "accept",   "accepted",  "perfect",    "undamaged",   "correct",    "合格",         "良品",
          "正常",     "정상",      "양품"}},
        {FolderRole::defect,
         {"ng",          "nok",         "nook",       "notok",      "ko",           "bad",           "defect",
          "defects",     "defective",   "defectives", "anomaly",    "anomalies",    "anomalous",     "abnormal",
          "abnormals",   "abnormality", "fail",       "failed",     "fails",        "failure",       "failures",
          "fault",       "faults",      "faulty",     "reject",     "rejects",      "rejected",      "scrap",
          "nogood",      "notgood",     "notnormal",  "damaged",    "damage",       "broken",        "flaw",
          "flaws",       "flawed",      "nio",        "schlecht",   "schlechtteil", "schlechtteile", "fehler",
          "fehlerhaft",  "defekt",      "defekte",    "ausschuss",  "mauvais",      "mauvaise",      "defaut",
          "defauts",     "défaut",      "défauts",    "defectueux", "défectueux",   "nonconforme",   "nonconformes",
          "malo",        "malos",       "mala",       "malas",      "defecto",      "defectos",      "defectuoso",
          "defectuosos", "difetto",     "difetti",    "difettoso",  "difettosi",    "scarto",        "scarti",
          "defeito",     "defeitos",    "defeituoso", "ruim",       "slecht",       "wada",          "wady",
          "feil",        "不良",        "不良品",     "缺陷",       "异常",         "異常",          "불량"}},
        {FolderRole::mask,
         {"mask", "masks", "groundtruth", "groundtruths", "gt", "gts", "maske", "masken", "masque", "masques",
          "mascara", "mascaras", "maschera", "maschere", "annotation", "annotations", "segmentation", "segmentations"}},
        {FolderRole::train, {"train", "training", "trn", "learn", "learning"}},
        {FolderRole::test,
         {"test", "tests", "testing", "testpublic", "tst", "validation", "validate", "valid", "val", "eval",
          "evaluation"}},
        {FolderRole::unlabelled, {"testprivate", "testprivatemixed", "unlabelled", "unlabeled"}},
        {FolderRole::normal,
         {"inordnung", "freigegeben", "ohnefehler", "ohnedefekt", "withoutdefect", "withoutdefects"}},
        {FolderRole::normal, {"hyvä", "hyvät", "годный", "годные", "годен", "норма", "通过", "通過", "合格品", "합격"}},
        {FolderRole::defect, {"nichtinordnung", "nichtok", "nichtio", "aussortiert", "gesperrt", "huono", "huonot"}},
        {FolderRole::defect, {"брак", "дефект", "дефекты", "негодные", "欠陥", "불합격"}},
        {FolderRole::defect, {"失败", "失敗", "不合格", "不合格品", "不通过", "不通過", "次品"}},
        {FolderRole::train, {"lernen", "apprentissage"}},
        {FolderRole::test, {"prüfen", "pruefen", "prüfung", "pruefung", "essai", "essais"}},
    };
    std::map<std::string_view, FolderRole> all;
    for (const auto& [role, words] : lists)
      for (const std::string_view word : words) all.emplace(word, role);
    return all;
  }();
  return roles;
}

// They say nothing beside a word that does.
constexpr std::string_view fillers[] = {"image",    "images", "img",     "imgs",     "photo", "photos", "picture",
                                        "pictures", "pic",    "pics",    "part",     "parts", "sample", "samples",
                                        "piece",    "pieces", "product", "products", "data",  "set",    "dataset",
                                        "folder",   "only",   "teile",   "bilder"};

std::string_view trimmed_number(std::string_view word) {
  while (!word.empty() && word.back() >= '0' && word.back() <= '9') word.remove_suffix(1);
  return word;
}

// Of ASCII, Latin-1 and Cyrillic letters; ß becomes ss. Other bytes stay.
std::string folded(std::string_view name) {
  std::string text = lower_case(std::string(name));
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const auto second = static_cast<unsigned char>(text[i + 1]);
    const auto put = [&](int a, int b) { text[i] = static_cast<char>(a), text[i + 1] = static_cast<char>(b); };
    if (lead == 0xc3 && second == 0x9f)
      put('s', 's');
    else if (lead == 0xc3 && second >= 0x80 && second <= 0x9e && second != 0x97)
      put(lead, second + 0x20);
    else if (lead == 0xd0 && second >= 0x90 && second <= 0x9f)
      put(lead, second + 0x20);
    else if (lead == 0xd0 && second >= 0xa0 && second <= 0xaf)
      put(lead + 1, second - 0x20);
  }
  return text;
}

// At _ - . and blanks.
Words words_of(std::string_view name) {
  Words words;
  for (size_t begin = 0; begin < name.size();) {
    const size_t end = std::min(name.find_first_of("_-. ()[]", begin), name.size());
    if (end > begin) words.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

FolderRole look_up(std::string_view word) {
  const auto found = table().find(word);
  return found == table().end() ? FolderRole::none : found->second;
}

std::string joined_words(const Words& words) {
  std::string text;
  for (const std::string_view word : words) text += word;
  return text;
}

}  // namespace

FolderRole role_of(std::string_view name) {
  const std::string lower = folded(name);
  Words words = words_of(lower);
  if (const FolderRole whole = look_up(joined_words(words)); whole != FolderRole::none) return whole;
  if (words.empty()) return FolderRole::none;
  words.back() = trimmed_number(words.back());
  std::erase_if(words, [](std::string_view word) { return word.empty() || std::ranges::count(fillers, word); });
  return look_up(joined_words(words));
}

FolderRole hinted_role(std::string_view name) {
  if (role_of(name) != FolderRole::none) return FolderRole::none;
  const std::string lower = folded(name);
  FolderRole hint = FolderRole::none;
  for (const std::string_view word : words_of(lower)) {
    const FolderRole role = look_up(trimmed_number(word));
    if (role == FolderRole::normal || role == FolderRole::mask) return role;
    if (role == FolderRole::defect) hint = role;
  }
  return hint;
}

bool has_part_word(std::string_view name) {
  const std::string lower = folded(name);
  const Words words = words_of(lower);
  const auto is_part = [](std::string_view word) {
    const FolderRole role = look_up(trimmed_number(word));
    return role == FolderRole::train || role == FolderRole::test;
  };
  return words.size() > 1 && (is_part(words.front()) || is_part(words.back()));
}

std::string plain_name(std::string_view name) {
  const std::string lower = folded(name);
  return joined_words(words_of(lower));
}

bool is_defect_file(std::string_view stem) {
  const std::string lower = folded(stem);
  const size_t end = std::min(lower.find_first_of("_-. (0123456789"), lower.size());
  if (look_up(std::string_view(lower).substr(0, end)) != FolderRole::defect) return false;
  const Words words = words_of(lower);
  return words.size() < 2 || look_up(joined_words({words[0], trimmed_number(words[1])})) != FolderRole::normal;
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

}  // namespace

bool is_mask_folder_of_images(std::string_view name) {
  if (role_of(name) == FolderRole::mask) return true;
  const std::string lower = lower_case(std::string(name));
  return std::ranges::any_of(mask_words, [&](const auto& entry) { return entry.first == lower; });
}

MaskName mask_name(std::string_view stem) {
  const std::string lower = lower_case(std::string(stem));
  if (MaskName found = with_word(lower); found.word != MaskWord::none) return found;
  std::string_view text = trimmed_number(lower);  // STEM_mask_1
  if (text.size() < lower.size() && !text.empty() && is_separator(text.back())) text.remove_suffix(1);
  return text.size() < lower.size() ? with_word(text) : MaskName();
}

std::string photograph_stem(std::string_view stem) {
  const std::string lower = lower_case(std::string(stem));
  for (const std::string_view word : {"image", "img", "photo", "rgb", "color", "colour", "original", "orig", "raw"})
    if (const std::string_view rest = without_word(lower, word); !rest.empty()) return std::string(rest);
  return lower;
}

std::optional<bool> defect_label(std::string_view text) {
  const std::string lower = lower_case(std::string(text));
  if (lower == "0" || lower == "false") return false;
  if (lower == "1" || lower == "true") return true;
  const FolderRole role = role_of(text);
  if (role != FolderRole::normal && role != FolderRole::defect) return std::nullopt;
  return role == FolderRole::defect;
}

}  // namespace iuf
