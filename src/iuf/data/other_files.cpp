#include <algorithm>
#include <set>

#include "iuf/data/listing.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"
#include "iuf/data/roles.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Endings = std::set<std::string>;

std::string ending_of(const fs::path& file) {
  return lower_case(file.extension().string());
}

// Of a list: "train.txt", "defects_2.txt".
bool is_called_list(const fs::path& file) {
  static const std::set<std::string, std::less<>> words = {"label",     "labels", "class", "classes", "list",
                                                           "imagesets", "split",  "bbox",  "boxes"};
  return std::ranges::any_of(words_of(file.stem().string()), [](const std::string& word) {
    const Word said = word_meaning(trimmed_number(word));
    return words.contains(trimmed_number(word)) ||
           (said != Word::none && said != Word::derived && said != Word::leftover);
  });
}

// "labels/train/7.txt", "ann/7.txt".
bool is_below_labels(const fs::path& file) {
  constexpr int levels = 3;
  fs::path folder = file.parent_path();
  for (int i = 0; i < levels && folder.has_filename(); ++i, folder = folder.parent_path()) {
    const std::string name = folder.filename().string(), key = name_key(name);
    if (is_mask_folder_of_images(name) || key == "ann" || key == "anns" || key == "imagesets") return true;
  }
  return false;
}

bool is_absent(const fs::path& file) {
  static const Endings endings = {".icloud", ".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp"};
  return endings.contains(ending_of(file)) && has_image_ending(file.stem());
}

// All tables by their names, but of many the first.
std::string labels_text(const Others& others) {
  constexpr size_t most = 4;
  const size_t count = others.tables.size() + others.annotations.count;
  if (count == 0) return "";
  std::vector<std::string> names;
  for (const fs::path& table : others.tables)
    if (names.size() < most) names.push_back(escaped(table.filename().string()));
  if (names.empty()) names.push_back(escaped(others.annotations.first.filename().string()));
  if (count > names.size()) names.emplace_back("...");
  return std::to_string(count) + (count == 1 ? " file" : " files") +
         " that may say which images are defective, not read (" + joined(names) + ")";
}

}  // namespace

void Count::add(const Count& other) {
  if (count == 0) first = other.first;
  count += other.count;
}

void Others::add(const Others& other) {
  tables.insert(tables.end(), other.tables.begin(), other.tables.end());
  annotations.add(other.annotations);
  absent.add(other.absent);
  backups.add(other.backups);
  files.add(other.files);
  folders.add(other.folders);
}

std::string Others::text() const {
  std::string text;
  const auto add = [&](const Count& count, const std::string& one, const std::string& many) {
    if (count.count > 0) text += (text.empty() ? "" : ", ") + count_text(count, one, many);
  };
  if (const std::string labels = labels_text(*this); !labels.empty()) text = labels;
  add(absent, "image that is not there yet (a placeholder or half a download)",
      "images that are not there yet (placeholders or half downloads)");
  add(backups, "backup of an image, by its ending", "backups of images, by their endings");
  add(files, "file that is no image", "files that are no images");
  add(folders, "hidden folder", "hidden folders");
  return text;
}

Others sorted_others(const std::vector<fs::path>& files, const std::vector<fs::path>& images) {
  static const Endings tables = {".csv", ".tsv", ".xls", ".xlsx", ".ods", ".parquet"};
  static const Endings annotations = {".xml", ".json", ".jsonl", ".ndjson"};
  std::set<std::string> stems;
  for (const fs::path& image : images) stems.insert(name_key(image.stem().string()));
  const auto is_of_image = [&](const fs::path& file) {
    return stems.contains(name_key(file.stem().string())) || stems.contains(name_key(file.stem().stem().string()));
  };
  Others sorted;
  for (const fs::path& file : files) {
    const std::string ending = ending_of(file);
    const bool hidden = file.filename().native().front() == '.';
    if (is_absent(file))
      sorted.absent.add(file);
    else if (hidden)
      sorted.files.add(file);
    else if (tables.contains(ending))
      sorted.tables.push_back(file);
    else if (annotations.contains(ending) ||
             (ending == ".txt" && (is_of_image(file) || is_called_list(file) || is_below_labels(file))))
      sorted.annotations.add(file);
    else
      sorted.files.add(file);
  }
  return sorted;
}

}  // namespace iuf
