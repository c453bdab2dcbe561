#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/data/name_words.h"

// Pictures that an inspection station makes from photographs and leaves beside them: 7_diff.png, ref_7.png.
namespace iuf {

/// Whether a word in a name, in lower case, is one for such pictures: "diff", "crop2". Alone it says nothing:
/// 7_crop.png without a photograph 7 may be the photograph.
bool is_made_word(std::string_view word);
/// words_of(), but "7diff" in two words.
Words words_of_stem(const std::filesystem::path& file);
/// With _ between them.
std::string text_of_words(Words::const_iterator begin, Words::const_iterator end);

/// What names say, as positions among the files, in their order.
struct MadePictures {
  /// Of a kind of which nearly all have the photograph in the folder, and some in each folder.
  std::vector<size_t> made = {};
  std::vector<std::optional<size_t>> beside = {};  // of each of these, its photograph
  std::vector<size_t> unsure = {};  // with the photograph in the folder, of a kind of which many have none
  std::string example = {};         // "7_diff.png beside 7.png", of the first of either
};
/// Of the images of one object. What has such a word behind or before the whole name of another image of its folder was
/// made from that one; a reference (template, golden) also beside 7_test.png or another word. Further ones of the kind,
/// without a photograph, are made pictures in a folder where others are.
MadePictures made_pictures(const std::vector<std::filesystem::path>& files);

/// Takes the made pictures of one object's images out, but for unsure ones, and says so in `left_out`. An image stays
/// of each folder. Throws Error where a reference and 7_test.png beside it are both normal.
void leave_out_made(std::vector<Sample>& samples, std::vector<std::string>& left_out);
/// "24 images are named as made from photographs beside them (7_diff.png beside 7.png)"; empty for none.
std::string made_text(const std::vector<std::filesystem::path>& files);

}  // namespace iuf
