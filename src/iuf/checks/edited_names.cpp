#include "iuf/checks/edited_names.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "iuf/data/listing.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"

namespace iuf {
namespace {

// As phones and programs write it in the usual languages, in lower case.
bool is_edit_word(std::string_view word) {
  static const std::set<std::string_view> words = {
      "edited",   "edit",       "bearbeitet", "retouched", "retusche",  "cropped",  "zugeschnitten",  "hdr",
      "modified", "modifié",    "retouché",   "editado",   "editada",   "editar",   "modificato",     "modificata",
      "bewerkt",  "bijgewerkt", "redigeret",  "redigerad", "edytowane", "upravené", "отредактировано"};
  return words.contains(word);
}

// Behind a word: "-edited-2", "_edit2", "(edited) (1)".
std::string_view without_count(std::string_view name) {
  std::string_view rest = name;
  if (rest.ends_with(')'))
    if (const size_t open = rest.rfind('('); open != std::string_view::npos && open > 0)
      if (is_number(rest.substr(open + 1, rest.size() - open - 2))) rest = rest.substr(0, open);
  rest = trimmed_number(rest);
  while (!rest.empty() && std::string_view(" -_").find(rest.back()) != std::string_view::npos) rest.remove_suffix(1);
  return rest;
}

std::string_view without_edit_word(std::string_view name) {
  const bool bracket = name.ends_with(')') || name.ends_with(']');
  if (bracket) name.remove_suffix(1);
  const size_t cut = name.find_last_of(bracket ? "([" : " -_");
  if (cut == std::string_view::npos || cut == 0 || !is_edit_word(name.substr(cut + 1))) return {};
  name = name.substr(0, cut);
  const size_t end = name.find_last_not_of(" -_");
  return end == std::string_view::npos ? std::string_view() : name.substr(0, end + 1);
}

// Android's and Google's further versions: 7~2.
std::string_view without_tilde(std::string_view name) {
  const size_t cut = name.rfind('~');
  if (cut == std::string_view::npos || cut == 0 || !is_number(name.substr(cut + 1))) return {};
  return name.substr(0, cut);
}

// The iPhone's IMG_E1000.
std::string without_letter(std::string_view name) {
  constexpr std::string_view begin = "img_e";
  if (!name.starts_with(begin) || name.size() < begin.size() + 4 || !is_number(name.substr(begin.size()))) return {};
  return "img_" + std::string(name.substr(begin.size()));
}

struct Version {
  const Sample* sample = nullptr;
  std::string stem = {}, photograph = {};  // the same for what is no edited copy

  bool is_edited() const { return stem != photograph; }
};

class Versions {
 public:
  Versions(const Dataset& data, const std::string& object) {
    for (const Sample& sample : data.samples) {
      if (sample.object != object) continue;
      Version version{.sample = &sample, .stem = name_key(sample.file.stem().string())};
      version.photograph = version.stem;
      for (std::string from = edited_from(version.stem); !from.empty(); from = edited_from(from))
        version.photograph = from;
      stems_[version.photograph].insert(version.stem);
      if (sample.train) learned_[version.photograph].insert(version.stem);
      places_.emplace(sample.file.parent_path(), version.stem);
      all_.push_back(std::move(version));
    }
  }

  std::vector<const Sample*> edited() const {
    std::vector<const Sample*> found;
    for (const Version& v : all_)
      if (v.is_edited() && stems_.at(v.photograph).size() > 1) found.push_back(v.sample);
    return found;
  }
  std::vector<const Sample*> learned_in_another_version() const {
    std::vector<const Sample*> found;
    for (const Version& v : all_) {
      const auto learned = learned_.find(v.photograph);
      if (v.sample->train || v.sample->defect || learned == learned_.end() || learned->second.contains(v.stem))
        continue;
      if (v.is_edited() && places_.contains({v.sample->file.parent_path(), v.photograph}) &&
          learned->second.contains(v.photograph))
        continue;
      found.push_back(v.sample);
    }
    return found;
  }

 private:
  std::vector<Version> all_ = {};
  std::map<std::string, std::set<std::string>> stems_ = {}, learned_ = {};  // of each photograph
  std::set<std::pair<std::filesystem::path, std::string>> places_ = {};
};

}  // namespace

std::string edited_from(std::string_view stem) {
  const std::string key = name_key(stem);
  if (std::string photograph = without_letter(key); !photograph.empty()) return photograph;
  if (const std::string_view rest = without_tilde(key); !rest.empty()) return std::string(rest);
  for (const std::string_view name : {std::string_view(key), without_count(key)})
    if (const std::string_view rest = without_edit_word(name); !rest.empty()) return std::string(rest);
  return {};
}

std::vector<std::string> edited_copies(const Dataset& data, const std::string& object) {
  const Versions versions(data, object);
  std::vector<std::string> lines;
  if (const auto found = versions.edited(); !found.empty())
    lines.push_back(with_first(found.size(), "image is called an edited copy of another",
                               "images are called edited copies of others", place_of(found.front()->file)) +
                    ": copies of one photograph make thresholds and figures too good; leave them out");
  if (const auto found = versions.learned_in_another_version(); !found.empty())
    lines.push_back(with_first(found.size(), "normal test image is called another version of a training image",
                               "normal test images are called other versions of training images",
                               place_of(found.front()->file)));
  return lines;
}

}  // namespace iuf
