#include "iuf/data/name_places.h"

#include "iuf/data/name_words.h"

namespace iuf {

Code code_at(const Sample& sample, const Place& place) {
  const std::string stem = sample.file.stem().string();
  Words words = place.fine ? fine_words_of(stem) : words_of(stem);
  if (words.size() < 2 || place.number >= words.size()) return {};
  const size_t at = place.from_back ? words.size() - 1 - place.number : place.number;
  Code found{.code = words[at], .rest = {}};
  words[at] = "=";
  found.rest = joined_words(words);
  return found;
}

}  // namespace iuf
