#include "iuf/data/called_defects.h"

#include <algorithm>

#include "iuf/data/path_names.h"
#include "iuf/data/roles.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

using DefectWords = std::vector<DefectWord>;

// Those that stand in the names of all images; none unless there are images of all sorts.
DefectWords common_words(const std::vector<Sample>& samples, const std::vector<DefectWords>& words) {
  const auto has = [&](auto is) { return std::ranges::any_of(samples, is); };
  if (!has([](const Sample& s) { return s.train; }) || !has([](const Sample& s) { return s.defect; }) ||
      !has([](const Sample& s) { return !s.train && !s.defect; }))
    return {};
  DefectWords common = words.front();
  for (const DefectWords& own : words)
    std::erase_if(common, [&](const DefectWord& word) { return std::ranges::count(own, word) == 0; });
  return common;
}

// Words that all have tell nothing.
void drop_common(std::vector<DefectWords>& all) {
  if (all.empty()) return;
  DefectWords common = all.front();
  for (const DefectWords& own : all)
    std::erase_if(common, [&](const DefectWord& word) { return std::ranges::count(own, word) == 0; });
  for (DefectWords& own : all)
    std::erase_if(own, [&](const DefectWord& word) { return std::ranges::count(common, word) > 0; });
}

}  // namespace

void refuse_called_defects(const std::vector<Sample>& samples, const std::string& object,
                           std::vector<std::string>& remarks) {
  std::vector<DefectWords> words;
  for (const Sample& sample : samples) words.push_back(defect_words(sample.file.stem().string(), object));
  if (words.empty()) return;
  const DefectWords common = common_words(samples, words);
  const Sample* first = nullptr;
  std::string why;
  size_t count = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].defect) continue;
    std::erase_if(words[i], [&](const DefectWord& word) { return std::ranges::count(common, word) > 0; });
    const LinkRole link = link_role(samples[i].file);
    if (words[i].empty() && link.role != FolderRole::defect) continue;
    if (count++ > 0) continue;
    first = &samples[i];
    why = words[i].empty() ? "the link leads to " + quoted_name(link.name) + ", which says that this is a defect"
                           : "the name says that this is a defect (" + quoted_name(words[i][0].word) + ")";
  }
  if (first)
    fail(first->file.string(), ": ", why, ", the folder that it is normal",
         count > 1 ? "; " + std::to_string(count - 1) + (count > 2 ? " more names do" : " more name does") : "",
         "; move defects to test/KIND or NG, rename the files, or insist (iuf add --normal)");
  for (const DefectWord& word : common)
    remarks.push_back("all names of files have the word " + quoted_name(word.word) + ", which says nothing then");
}

void refuse_listed_defects(const std::vector<Sample>& samples, const std::vector<std::string>& where,
                           const std::vector<bool>& checked) {
  std::vector<DefectWords> by_name, by_folder;
  for (const Sample& sample : samples) {
    by_name.push_back(defect_words(sample.file.stem().string(), sample.object));
    by_folder.push_back(defect_words(sample.file.parent_path().filename().string(), sample.object));
  }
  drop_common(by_name);
  drop_common(by_folder);
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].defect || checked[i] || (by_name[i].empty() && by_folder[i].empty())) continue;
    const std::string what = by_name[i].empty()
                                 ? "folder " + quoted_name(samples[i].file.parent_path().filename().string())
                                 : "name " + quoted_name(samples[i].file.filename().string());
    fail(where[i], ": the label says normal (0 is normal, 1 a defect), the ", what, " says defect (",
         quoted_name((by_name[i].empty() ? by_folder : by_name)[i][0].word),
         "); correct one of them, or say that the label is right by \"checked\": true in the row");
  }
}

}  // namespace iuf
