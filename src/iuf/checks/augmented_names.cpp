#include "iuf/checks/augmented_names.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "iuf/data/listing.h"
#include "iuf/data/name_words.h"
#include "tensor/text.h"

namespace iuf {
namespace {

using Set = std::set<std::string_view>;
using Keys = std::vector<std::string>;

enum class Sort { none, light, geometry, sure };

bool is_year(std::string_view word) {
  return word.size() >= 4 && is_number(word) && (word.starts_with("19") || word.starts_with("20"));
}

Sort sort_of(const Words& words, size_t i) {
  static const Set sure = {"augm", "augment", "augmented", "augmentation", "augmentations", "augmentiert"};
  static const Set geometry = {"flip",    "flipped", "hflip",    "vflip", "fliph", "flipv",      "fliplr", "flipud",
                               "rotated", "rotate",  "mirrored", "noise", "noisy", "gespiegelt", "gedreht"};
  static const Set light = {"bright",   "brighter", "brightness", "dark",    "darker",
                            "contrast", "gamma",    "blur",       "blurred", "mirror"};
  static const Set turns = {"45", "90", "135", "180", "225", "270"};
  const std::string& word = words[i];
  if (sure.contains(word)) return Sort::sure;
  if (word == "aug") return std::ranges::any_of(words, is_year) ? Sort::light : Sort::sure;
  if (geometry.contains(word)) return Sort::geometry;
  if (light.contains(word)) return Sort::light;
  return word == "rot" && i + 1 < words.size() && turns.contains(words[i + 1]) ? Sort::geometry : Sort::none;
}

struct AugmentedName {
  const Sample* sample = nullptr;
  Sort sort = Sort::none;           // of its surest word
  std::set<std::string> said = {};  // its words for a geometry
  Keys stems = {};                  // without those words: with the number behind them, and without
  bool exported = false;            // with a hash: several of one stem are copies
};

// Augmentor writes FOLDER_original_FILE_UUID: FILE without its ending; empty for other stems.
std::string_view augmented_from(std::string_view stem) {
  constexpr std::string_view mark = "_original_", form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const size_t at = stem.find(mark);
  if (at == std::string_view::npos || stem.size() < at + mark.size() + 1 + form.size()) return {};
  const std::string_view uuid = stem.substr(stem.size() - form.size());
  const auto fits = [](char c, char wanted) {
    return wanted == '-' ? c == '-' : std::isxdigit(static_cast<unsigned char>(c)) != 0;
  };
  if (!std::ranges::equal(uuid, form, fits)) return {};
  std::string_view file = stem.substr(at + mark.size());
  file.remove_suffix(form.size());
  if (!file.ends_with('_')) return {};
  file.remove_suffix(1);
  return file.substr(0, file.rfind('.'));
}

AugmentedName name_of(const Sample& sample) {
  const std::string stem = sample.file.stem().string();
  if (const std::string_view file = augmented_from(stem); !file.empty()) {
    std::string key;
    for (const std::string& word : fine_words_of(file)) key += "_" + word;
    return {.sample = &sample, .sort = Sort::sure, .stems = {key}};
  }
  const Words words = fine_words_of(stem);
  AugmentedName name{.sample = &sample};
  name.exported = !exported_from(stem).empty();
  std::string with, without;
  for (size_t i = 0; i < words.size(); ++i) {
    const Sort sort = sort_of(words, i);
    name.sort = std::max(name.sort, sort);
    if (sort == Sort::geometry) name.said.insert(words[i]);
    if (sort != Sort::none) continue;
    with += "_" + words[i];
    if (i == 0 || !is_number(words[i]) || sort_of(words, i - 1) == Sort::none) without += "_" + words[i];
  }
  name.stems = {with};
  if (without != with && !without.empty()) name.stems.push_back(without);
  return name;
}

std::string place_in_object(const Sample& sample) {
  const std::filesystem::path& file = sample.file;
  const std::filesystem::path folder = file.parent_path();
  return escaped((folder.parent_path().filename() / folder.filename() / file.filename()).string());
}

class Names {
 public:
  Names(const Dataset& data, const std::string& object) {
    for (const Sample& sample : data.samples)
      if (sample.object == object) names_.push_back(name_of(sample));
    std::set<std::string> geometry;
    for (const AugmentedName& name : names_) {
      geometry.insert(name.said.begin(), name.said.end());
      if (name.sort == Sort::none) plain_.emplace(name.sample->file.parent_path(), name.stems.front());
      if (name.sample->train) learned_.insert(name.stems.begin(), name.stems.end());
      if (name.sample->train && name.exported) learned_exports_.insert(name.stems.front());
      if (name.exported && exported_.emplace(name.sample->file.parent_path(), name.stems.front()).second)
        first_exports_.insert(name.sample);
    }
    several_ = geometry.size() > 1;
  }

  std::vector<const Sample*> augmented() const {
    return those([&](const AugmentedName& name) { return is_augmented(name); });
  }
  std::vector<const Sample*> copies_of_learned() const {
    return those([&](const AugmentedName& name) {
      if (name.sample->train) return false;
      const auto is_in = [&](const std::set<std::string>& stems) {
        return std::ranges::any_of(name.stems, [&](const std::string& stem) { return stems.contains(stem); });
      };
      if (name.sample->defect) return name.exported && is_in(learned_exports_);  // others show what none to learn does
      const bool copy = name.exported || (is_augmented(name) && !has_original(name));
      return copy ? is_in(learned_) : is_in(learned_exports_);
    });
  }

 private:
  bool has_original(const AugmentedName& name) const {
    return std::ranges::any_of(name.stems, [&](const std::string& stem) {
      return plain_.contains({name.sample->file.parent_path(), stem});
    });
  }
  bool is_augmented(const AugmentedName& name) const {
    return (name.exported && !first_exports_.contains(name.sample)) || name.sort == Sort::sure ||
           (name.sort == Sort::geometry && several_) || (name.sort != Sort::none && has_original(name));
  }
  template <class Is>
  std::vector<const Sample*> those(const Is& is) const {
    std::vector<const Sample*> found;
    for (const AugmentedName& name : names_)
      if (is(name)) found.push_back(name.sample);
    return found;
  }

  std::vector<AugmentedName> names_ = {};
  std::set<std::pair<std::filesystem::path, std::string>> plain_ = {};  // without such words
  std::set<std::pair<std::filesystem::path, std::string>> exported_ = {};
  std::set<const Sample*> first_exports_ = {};  // of each such name
  std::set<std::string> learned_ = {}, learned_exports_ = {};
  bool several_ = false;
};

}  // namespace

std::vector<std::string> augmented_copies(const Dataset& data, const std::string& object) {
  const Names names(data, object);
  std::vector<std::string> lines;
  if (const auto found = names.augmented(); !found.empty())
    lines.push_back(with_first(found.size(), "image is called an augmented copy", "images are called augmented copies",
                               place_in_object(*found.front())) +
                    ": copies of one photograph make thresholds and figures too good; leave them out");
  if (const auto found = names.copies_of_learned(); !found.empty())
    lines.push_back(with_first(found.size(), "test image is called a copy of a training image",
                               "test images are called copies of training images", place_in_object(*found.front())));
  return lines;
}

}  // namespace iuf
