#include "iuf/data/copied_names.h"

#include <algorithm>
#include <set>

#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Set = std::set<std::string_view>;

// Each in lower case, as it stands in the usual languages.
bool is_copy_word(std::string_view word) {
  static const Set words = {"copy", "kopie", "copie", "copia", "cópia",  "kopia",
                            "kopi", "kópia", "копия", "副本",  "コピー", "복사본"};
  return words.contains(word);
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('-') || text.ends_with('_')) text.remove_suffix(1);
  return text;
}

// What stands in brackets or behind a hyphen: "conflicted copy 2024-05-01", "anna's conflicted copy", "copy 2",
// "Kopie", "2. Kopie", "another copy".
bool says_copy(std::string_view text) {
  const Words words = words_of(text);
  if (std::ranges::any_of(words, [](std::string_view word) { return word.starts_with("conflict"); })) return true;
  static const Set orders = {"another", "other", "weitere", "autre", "otra", "altra", "st", "nd", "rd", "th"};
  const auto is_beside = [](std::string_view word) {
    const std::string_view letters = word.substr(std::min(word.find_first_not_of("0123456789"), word.size()));
    return letters.empty() || orders.contains(letters);
  };
  return std::ranges::count_if(words, is_copy_word) == 1 &&
         std::ranges::all_of(words, [&](std::string_view word) { return is_copy_word(word) || is_beside(word); });
}

// "7" of "7 - Copy - Copy (2)" is "7 - Copy" first.
std::string_view without_brackets(std::string_view name) {
  if (name.ends_with(')') || name.ends_with(']'))
    if (const size_t open = name.find_last_of("(["); open != std::string_view::npos && open > 0)
      if (says_copy(name.substr(open))) return trimmed(name.substr(0, open));
  return {};
}

// " - Kopie", " - Kopie (2)", " copy", " copy 2", "_copy", "-copy".
std::string_view without_word(std::string_view name) {
  std::string_view rest = trimmed_number(name);
  if (name.ends_with(')'))
    if (const size_t open = name.rfind('(');
        open != std::string_view::npos && is_number(name.substr(open + 1, name.size() - open - 2)))
      rest = name.substr(0, open);
  rest = trimmed(rest);
  const size_t cut = rest.find_last_of(" -_");
  if (cut == std::string_view::npos || !is_copy_word(rest.substr(cut + 1))) return {};
  return trimmed(rest.substr(0, cut));
}

// "Copy of 7", "Copy (2) of 7", "Kopie von 7".
std::string_view without_beginning(std::string_view name) {
  const size_t first = name.find(' ');
  if (first == std::string_view::npos || !is_copy_word(name.substr(0, first))) return {};
  for (const std::string_view of : {" of ", " von ", " de ", " di ", " van ", " av "})
    if (const size_t at = name.find(of); at != std::string_view::npos)
      if (name.substr(first, at - first).find_first_not_of(" ()0123456789") == std::string_view::npos)
        return name.substr(at + of.size());
  return {};
}

}  // namespace

bool is_backup(const fs::path& file) {
  static const Set endings = {".bak",  ".backup", ".bk",  ".bkp",  ".orig", ".original", ".old",  ".sav",
                              ".save", ".sik",    ".tmp", ".temp", ".prev", ".previous", ".copy", ".kopie"};
  const std::string ending = lower_case(file.extension().string());
  const std::string_view name = trimmed_number(ending);  // .bak2
  return ending.ends_with('~') || ending.ends_with('#') || endings.contains(name);
}

std::string copied_from(std::string_view stem) {
  const std::string key = name_key(stem);
  if (const size_t at = key.find(".sync-conflict-"); at != std::string::npos) return key.substr(0, at);
  for (const auto without : {without_brackets, without_word, without_beginning})
    if (const std::string_view rest = without(key); !rest.empty()) return std::string(rest);
  for (const std::string_view word : {"_conflict", "-conflict", " conflict"})
    if (const size_t at = key.rfind(word); at != std::string::npos && at > 0) return key.substr(0, at);
  return {};
}

CopiedPictures set_copies_apart(const std::vector<fs::path>& pictures) {
  std::set<std::string> stems;
  for (const fs::path& picture : pictures) stems.insert(name_key(picture.stem().string()));
  CopiedPictures found;
  for (const fs::path& picture : pictures)
    (stems.contains(copied_from(picture.stem().string())) ? found.copies : found.others).push_back(picture);
  return found;
}

std::string copies_left_out(const Count& copies) {
  return count_text(copies, "copy of the file beside it, by its name", "copies of files beside them, by their names");
}

std::string copies_used(const std::vector<fs::path>& files) {
  Count copies;
  for (const fs::path& file : files)
    if (!copied_from(file.stem().string()).empty()) copies.add(file);
  if (copies.count == 0) return "";
  return count_text(copies, "image is called a copy or a conflict of another",
                    "images are called copies or conflicts of others") +
         ", which is not beside " + (copies.count == 1 ? "it" : "them") + ": used as photographs";
}

}  // namespace iuf
