#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iuf {

/// What a folder's name says about the images in it.
enum class FolderRole {
  none,       // a product, a kind of defect, a day: the place decides
  normal,     // good, ok, pass ...
  defect,     // bad, ng, defect ...
  mask,       // ground_truth, masks ...
  train,      // train, training
  test,       // test, validation, test_public ...
  unlabelled  // test_private: no one knows what they show
};

/// By the words of word_table.cpp. Case does not matter, nor do _ - . and blanks between words, words such as "images"
/// beside them, and a number at the end: "Test Images", "OK_2". Negated words mean the other thing: "no defects".
FolderRole role_of(std::string_view name);
/// FolderRole::normal, mask or defect where the name is none of theirs but has one of their words: "ok_front",
/// "NG_mask"; otherwise FolderRole::none.
FolderRole hinted_role(std::string_view name);

/// Whether one of its words, of a folder among normal images, says that they are not for learning: "Kratzer_2",
/// "do_not_use"; some only as the whole name: "old".
bool says_sorted_out(std::string_view name);
/// Whether all its words say so. Weak ones, such as "old", count or not.
enum class Weak { counts, ignored };
bool is_sorted_out(std::string_view name, Weak weak);
/// Of pictures that are made from photographs: "thumbs", "overlays".
bool holds_derived_pictures(std::string_view name);
/// A number, a day, a shift, a camera: it says nothing of what images show.
bool is_session(std::string_view name);
/// Whether it has a word for defects that tells a result, as "NG" does, and not the subject of a project, as "anomaly"
/// may.
bool is_verdict(std::string_view name);

/// Whether its first or its last word is one for training or testing: "gear_train", "test-gear".
bool has_part_word(std::string_view name);
/// The name in lower case without what does not matter between words.
std::string plain_name(std::string_view name);

/// A word for a defect in the name of a file.
struct DefectWord {
  size_t place = 0;  // among the words of the name
  std::string word;
  friend auto operator<=>(const DefectWord&, const DefectWord&) = default;
};
/// Those anywhere in it, cut at _ - . blanks and between digits and letters; not negated ones ("no_defect"), nor those
/// of the object's own name.
std::vector<DefectWord> defect_words(std::string_view stem, std::string_view object);

/// What a label in a list says: false for 0, false and the words for normal, true for 1, true and those for a defect;
/// nothing for another text, such as a kind of defect.
std::optional<bool> defect_label(std::string_view text);

/// A folder that lies among photographs of one kind holds their masks also where it is called "label" or "seg", which
/// elsewhere are products.
bool is_mask_folder_of_images(std::string_view name);

/// The stem, in lower case, of the photograph that a picture beside it was made from: "7" of "7_overlay" and of
/// "7-annotated"; empty for other names.
std::string derived_from(std::string_view stem);

enum class MaskWord { none, weak, strong };
/// How a mask beside its photograph is named: STEM_mask, STEM-GT, STEM.mask, mask_STEM in any case. "label" and "seg"
/// are weak: photographs are called so, too. So is STEM_mask_v2, with a version or a name behind the word.
struct MaskName {
  MaskWord word = MaskWord::none;
  std::string stem;  // of the photograph, in lower case
};
MaskName mask_name(std::string_view stem);
/// The stem in lower case without "img", "rgb" or the like, which a photograph has where its mask has "mask".
std::string photograph_stem(std::string_view stem);

}  // namespace iuf
