#include "iuf/features/copies.h"

#include <unordered_map>

#include "tensor/text.h"

namespace iuf {

std::vector<size_t> originals(const std::vector<ImageFacts>& facts) {
  std::vector<size_t> first_of;
  std::unordered_map<uint64_t, size_t> seen;
  for (size_t i = 0; i < facts.size(); ++i) first_of.push_back(seen.try_emplace(facts[i].photograph, i).first->second);
  return first_of;
}

std::vector<size_t> distinct(const std::vector<ImageFacts>& facts) {
  std::vector<size_t> places;
  const std::vector<size_t> first_of = originals(facts);
  for (size_t i = 0; i < facts.size(); ++i)
    if (first_of[i] == i) places.push_back(i);
  return places;
}

std::string copies_text(const std::string& object, const std::vector<std::string>& files,
                        const std::vector<size_t>& first_of) {
  size_t copies = 0, first = 0;
  for (size_t i = 0; i < first_of.size(); ++i)
    if (first_of[i] != i && copies++ == 0) first = i;
  if (copies == 0) return "";
  const std::string said =
      copies == 1 ? " is a copy of another and does not count: " : " are copies of others and count once, first: ";
  return object + ": " + std::to_string(copies) + " of " + std::to_string(files.size()) + " photographs" + said +
         plain_text(files[first]) + " = " + plain_text(files[first_of[first]]);
}

}  // namespace iuf
