#pragma once

#include <string>
#include <string_view>
#include <vector>

// Names of files and folders, cut into words, and what the words say. What they mean for a folder is in roles.h.
namespace iuf {

/// What a word says of images. The words stand in one table (word_table.cpp), in several languages.
enum class Word {
  none,
  normal,
  golden,  // normal, where it is the whole name
  defect,
  mask,
  train,
  test,
  unlabelled,
  flaw,        // a kind of defect: scratch, Kratzer
  sorted_out,  // not to be learned: rework, trash
  leftover,    // the same, where it is the whole name: old, hole
  derived      // pictures made from photographs: thumbs, overlay
};
/// Of a word in lower case without separators. A character that a broken encoding has lost, U+FFFD or "?", stands for
/// any letter that is not ASCII.
Word word_meaning(std::string_view word);
/// A word of the table that begins so, those for defects first; empty for none.
std::string_view word_beginning(std::string_view begin);
/// The longest Chinese, Japanese or Korean word in a text, which has no blanks between words; empty without one.
std::string_view east_asian_word(std::string_view text);
/// Bytes of the mark that a text begins with, ✓ or ✗ or the like; 0 without one.
size_t verdict_mark_size(std::string_view text);
/// Of no weight beside other words: images, parts.
bool is_filler(std::string_view word);

/// What Roboflow exports of an image have in front of their hash: "board01" of "board01_png.rf.4f5e6d7c8b9a"; several
/// of one image are augmented copies. Empty for other stems.
std::string_view exported_from(std::string_view stem);

using Words = std::vector<std::string>;

/// As name_key() (name_forms.h); ß becomes ss.
std::string folded(std::string_view name);
/// Digits alone.
bool is_number(std::string_view word);
std::string_view trimmed_number(std::string_view word);
/// In lower case, cut at _ - . blanks and brackets; a mark, such as ✗, is a word by itself. A × is none between words
/// nor beside a short number (M3 × 10, 10×). Names that a broken encoding has damaged are mended (broken_names.h). The
/// hash of an export (exported_from) is left out.
Words words_of(std::string_view name);
/// Cut also between digits and letters and before capitals in "partNG": none of what looks like a random identifier.
Words fine_words_of(std::string_view name);
std::string joined_words(const Words& words);

/// What consecutive words say together, negations included: "no", "defect" is normal, "not", "ok" a defect.
struct Sense {
  Word word = Word::none;
  size_t begin = 0, end = 0;  // of the words
};
std::vector<Sense> senses_of(const Words& words);

}  // namespace iuf
