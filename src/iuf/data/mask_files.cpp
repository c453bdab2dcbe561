#include "iuf/data/mask_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "iuf/data/listing.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"
#include "iuf/data/roles.h"
#include "iuf/image/mask.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Names = std::vector<std::string>;

std::string lower_stem(const fs::path& file) {
  return name_key(file.stem().string());
}

// The folders between `above` and the file, by their keys; nothing where it does not lie there.
std::optional<Names> folders_between(const fs::path& above, const fs::path& file) {
  Names names;
  for (const fs::path& part : file.parent_path().lexically_relative(above)) {
    if (part == "..") return std::nullopt;
    if (part != ".") names.push_back(name_key(part.string()));
  }
  return names;
}

// How well the folders of a mask name those of an image: 2 those directly above it, 1 some further up, 0 not at all.
int fit(const Names& mask, const Names& image) {
  if (mask.size() > image.size()) return 0;
  if (std::equal(mask.rbegin(), mask.rend(), image.rbegin())) return 2;
  return std::search(image.begin(), image.end(), mask.begin(), mask.end()) == image.end() ? 0 : 1;
}

// Why the image is not normal, whatever else says so; nothing where its masks are empty.
std::string marked(const Sample& sample, const std::string& by, const std::string& advice) {
  for (const fs::path& mask : sample.masks)
    if (std::ranges::count(read_mask(mask).image.pixels, 255) > 0)
      return sample.file.string() + ": normal " + by + ", but " + mask.string() + " marks a defect in it; " + advice +
             ", or remove the mask";
  return "";
}

void check_normal_images(std::vector<Sample>& samples, std::vector<std::string>& left_out, const std::string& by,
                         const std::string& advice) {
  std::vector<Sample*> normal;
  for (Sample& sample : samples)
    if (!sample.defect && !sample.masks.empty()) normal.push_back(&sample);
  if (normal.empty()) return;
  std::vector<std::string> wrong(normal.size());
  Count empty;
  parallel_for(static_cast<int64_t>(normal.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      wrong[static_cast<size_t>(i)] = marked(*normal[static_cast<size_t>(i)], by, advice);
  });
  for (size_t i = 0; i < normal.size(); ++i) {
    if (!wrong[i].empty()) fail(wrong[i]);
    for (const fs::path& mask : normal[i]->masks) empty.add(mask);
    normal[i]->masks.clear();
  }
  left_out.push_back(count_text(empty, "empty mask of a normal image", "empty masks of normal images"));
}

// What a mask of a part of a defect may be called besides its number.
bool is_part_word(std::string_view word) {
  static const std::set<std::string_view> words = {"label",   "seg",     "segment", "region", "area", "instance",
                                                   "inst",    "object",  "obj",     "blob",   "roi",  "component",
                                                   "contour", "polygon", "poly",    "shape"};
  const Word said = word_meaning(word);
  return said == Word::mask || said == Word::defect || said == Word::flaw || is_filler(word) || words.contains(word);
}

// Whether a mask in a folder of the image's name is one of several parts by its words: a number, alone or behind the
// image's name and such words. A day is none, nor is 7_v2 or 7_anna2: versions or annotators.
bool is_numbered(Words words, const std::string& image_stem) {
  constexpr size_t most_digits = 5;
  if (words.empty() || !is_number(words.back()) || words.back().size() > most_digits) return false;
  words.pop_back();
  const Words own = fine_words_of(image_stem);
  const auto found = std::search(words.begin(), words.end(), own.begin(), own.end());
  if (found != words.end()) words.erase(found, found + std::ssize(own));
  return std::ranges::all_of(words, [](const std::string& word) { return is_number(word) || is_part_word(word); });
}

class Matching {
 public:
  Matching(std::vector<Sample>& samples, std::vector<std::string>& left_out) : samples_(samples), left_out_(left_out) {
    for (size_t i = 0; i < samples.size(); ++i) {
      by_stem_[lower_stem(samples[i].file)].push_back(i);
      by_file_[samples[i].file] = i;
    }
  }

  void add(const BesideMask& mask) { give(by_file_.at(mask.photograph), mask.file); }

  void add(const FolderMask& mask) {
    const Names folders = folders_between(mask.folder, mask.file).value();
    if (const auto image = image_of(mask, folders)) {
      give(*image, mask.file);
      used_.insert(mask.file.parent_path());
    } else {
      unused_.push_back(mask);
    }
  }

  void finish() {
    say_unused();
    check_normal_images(samples_, left_out_, "by its folder", "move the image to test/KIND");
  }

 private:
  // The best image by stem and folders.
  std::optional<size_t> best(const FolderMask& mask, const Names& folders, const std::string& stem,
                             const std::string& exact) const {
    const auto candidates = by_stem_.find(stem);
    if (candidates == by_stem_.end()) return std::nullopt;
    std::map<std::array<int, 3>, std::vector<size_t>> ranked;
    for (const size_t i : candidates->second) {
      const Sample& sample = samples_[i];
      const auto image = folders_between(mask.folder.parent_path(), sample.file);
      if (const int fits = image ? fit(folders, *image) : 0)
        ranked[{sample.defect, fits, exact.starts_with(sample.file.stem().string())}].push_back(i);
    }
    if (ranked.empty()) return std::nullopt;
    const std::vector<size_t>& found = ranked.rbegin()->second;
    if (found.size() > 1)
      fail(mask.file.string(), ": a mask of ", samples_[found[0]].file.string(), " or of ",
           samples_[found[1]].file.string(), "; put it into a folder of the kind's name");
    return found[0];
  }

  std::optional<size_t> image_of(const FolderMask& mask, const Names& folders) const {
    const std::string stem = mask.file.stem().string();
    if (const auto found = best(mask, folders, name_key(stem), stem)) return found;
    if (const MaskName name = mask_name(stem); name.word != MaskWord::none)
      if (const auto found = best(mask, folders, name.stem, stem)) return found;
    if (folders.empty()) return std::nullopt;
    const std::string folder = mask.file.parent_path().filename().string();  // KIND/STEM/000.png
    return best(mask, Names(folders.begin(), folders.end() - 1), folders.back(), folder);
  }

  // Numbered ones in a folder of the image's name belong together; any other two are one too many.
  void give(size_t image, const fs::path& mask) {
    Sample& sample = samples_[image];
    const auto is_part = [&](const fs::path& file) {
      return name_key(file.parent_path().filename().string()) == lower_stem(sample.file);
    };
    if (!sample.masks.empty()) {
      const fs::path& other = sample.masks.back();
      const std::string two = other.string() + " and " + mask.string() + ": two masks of " + sample.file.string();
      if (other.parent_path() != mask.parent_path() || !is_part(mask) || !is_part(other) ||
          lower_stem(mask) == lower_stem(other))
        fail(two, "; remove one");
      const std::string stem = sample.file.stem().string();
      const Words one = fine_words_of(other.stem().string()), next = fine_words_of(mask.stem().string());
      if (one.size() != next.size() || !is_numbered(one, stem) || !is_numbered(next, stem))
        fail(two, ": parts of it, versions, or by two people? Name parts 000, 001, ..., or keep one");
    }
    sample.masks.push_back(mask);
  }

  void say_unused() {
    if (unused_.empty()) return;
    for (const FolderMask& mask : unused_) {
      if (!used_.insert(mask.file.parent_path()).second) continue;
      const std::string kind = name_key(mask.file.parent_path().filename().string());
      for (const Sample& sample : samples_)
        if (sample.defect && name_key(sample.label_name) == kind && sample.masks.empty())
          fail(mask.file.parent_path().string(), ": no mask fits an image; name the mask of ",
               sample.file.filename().string(), " ", sample.file.stem().string(), "_mask.png");
    }
    left_out_.push_back(
        count_text({unused_.size(), unused_.front().file}, "mask that fits no image", "masks that fit no image"));
  }

  std::vector<Sample>& samples_;
  std::vector<std::string>& left_out_;
  std::unordered_map<std::string, std::vector<size_t>> by_stem_ = {};
  std::map<fs::path, size_t> by_file_ = {};
  std::set<fs::path> used_ = {};  // folders of which a mask fits
  std::vector<FolderMask> unused_ = {};
};

}  // namespace

void give_masks(std::vector<Sample>& samples, const FoundMasks& masks, std::vector<std::string>& left_out) {
  if (masks.in_folders.empty() && masks.beside.empty()) return;
  Matching matching(samples, left_out);
  for (const BesideMask& mask : masks.beside) matching.add(mask);
  for (const FolderMask& mask : masks.in_folders) matching.add(mask);
  matching.finish();
}

void check_listed_masks(std::vector<Sample>& samples, std::vector<std::string>& left_out) {
  check_normal_images(samples, left_out, "by the list", "call it a defect");
  std::map<fs::path, const Sample*> images;  // by their masks without links
  for (const Sample& sample : samples)
    for (const fs::path& mask : sample.masks)
      if (const auto [other, is_new] = images.emplace(full_path(mask), &sample);
          !is_new && full_path(other->second->file) != full_path(sample.file))
        fail(other->second->file.string(), " and ", sample.file.string(), ": the list names one mask for both, ",
             mask.string(), "; correct one of them");
}

}  // namespace iuf
