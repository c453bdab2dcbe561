#include <algorithm>
#include <map>
#include <set>

#include "iuf/data/list_rows.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/roles.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr size_t kNamed = 8;  // names in one remark at most

// Absolute, without dots and a slash at the end.
fs::path normal(const fs::path& path) {
  const fs::path found = fs::absolute(path).lexically_normal();
  return found.has_filename() ? found : found.parent_path();
}

bool may_be_mask(const fs::path& file) {
  return has_read_ending(file) && is_file(file);
}

// Pictures that may be masks, by the stem of their photograph in lower case: those of a folder of masks, and those in a
// folder of photographs that are called so. Of the ones in a folder of masks, with the folder's name below it.
struct Candidate {
  fs::path file;
  std::string folder;  // in lower case; empty: right in the folder of masks, or beside the photograph
};
using Candidates = std::multimap<std::string, Candidate>;

Candidates candidates_in(const fs::path& folder) {
  Candidates found;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error)) {
    const fs::path& file = entry->path();
    if (!may_be_mask(file)) continue;
    const std::string stem = file.stem().string();
    const MaskName name = mask_name(stem);
    const bool below = file.parent_path() != folder;
    found.emplace(name.word == MaskWord::none ? name_key(stem) : name.stem,
                  Candidate{file, below ? name_key(file.parent_path().filename().string()) : ""});
  }
  return found;
}

Candidates candidates_beside(const fs::path& folder) {
  Candidates found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (const MaskName name = mask_name(entry->path().stem().string());
        name.word == MaskWord::strong && may_be_mask(entry->path()))
      found.emplace(name.stem, Candidate{entry->path(), ""});
  return found;
}

// The folders from the file's own up to `top`, or its own alone where that is not above it.
std::vector<fs::path> folders_up_to(const fs::path& file, const fs::path& top) {
  std::vector<fs::path> folders = {file.parent_path()};
  const fs::path inside = folders[0].lexically_relative(top);
  if (inside.empty() || *inside.begin() == "..") return folders;
  while (folders.back() != top && folders.back().has_relative_path()) folders.push_back(folders.back().parent_path());
  return folders;
}

class UnlistedMasks {
 public:
  UnlistedMasks(const std::vector<Sample>& samples, const fs::path& root) : top_(normal(root)) {
    for (const Sample& sample : samples) {
      listed_.insert(normal(sample.file));
      for (const fs::path& mask : sample.masks) listed_.insert(normal(mask));
      for (const fs::path& folder : folders_up_to(normal(sample.file), top_))
        ++of_stem_[{folder, name_key(sample.file.stem().string())}];
    }
  }

  void give(Sample& sample) {
    const fs::path file = normal(sample.file);
    const std::string stem = name_key(file.stem().string()), kind = name_key(file.parent_path().filename().string());
    for (const fs::path& folder : folders_up_to(file, top_)) {
      if (of_stem_[{folder, stem}] > 1) return;
      for (const Candidates& candidates : places(folder, folder == file.parent_path())) {
        const auto [begin, end] = candidates.equal_range(stem);
        for (auto found = begin; found != end; ++found) {
          const auto& [mask, below] = found->second;
          if (listed_.contains(mask) || !(below.empty() || below == kind)) continue;
          sample.masks.push_back(mask);
        }
      }
    }
  }

 private:
  const std::vector<Candidates>& places(const fs::path& folder, bool is_own) {
    const auto [found, is_new] = places_.try_emplace({folder, is_own});
    if (!is_new) return found->second;
    if (is_own) found->second.push_back(candidates_beside(folder));
    for (const fs::path& sub : list_subfolders(folder))
      if (role_of(sub.filename().string()) == FolderRole::mask) found->second.push_back(candidates_in(sub));
    return found->second;
  }

  const fs::path top_;
  std::set<fs::path> listed_ = {};
  std::map<std::pair<fs::path, std::string>, size_t> of_stem_ = {};  // images below a folder
  std::map<std::pair<fs::path, bool>, std::vector<Candidates>> places_ = {};
};

// "train_new.jsonl", "train.json.bak", "second.csv".
bool is_called_list(const fs::path& file) {
  const std::string name = lower_case(file.filename().string());
  return std::ranges::any_of(std::vector<std::string>{".json", ".csv", ".tsv", ".ndjson"},
                             [&](const std::string& ending) {
                               const size_t at = name.find(ending);
                               return at != std::string::npos && at > 0;
                             });
}

// The files in folders of the list and of its images that are neither.
struct OtherFiles {
  Count images = {}, others = {};
  std::vector<std::string> lists = {};

  void add(const fs::path& folder, const std::set<fs::path>& known) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
      if (is_file(entry->path()) && !known.contains(normal(entry->path()))) files.push_back(entry->path());
    std::ranges::sort(files);
    for (const fs::path& file : files) {
      if (has_image_ending(file)) {
        images.add(file);
      } else if (is_called_list(file)) {
        lists.push_back(escaped(file.filename().string()));
      } else {
        others.add(file);
      }
    }
  }
};

}  // namespace

void find_unlisted_masks(std::vector<Sample>& samples, const fs::path& root, const std::vector<bool>& checked) {
  UnlistedMasks masks(samples, root);
  for (size_t i = 0; i < samples.size(); ++i)
    if (!samples[i].defect && samples[i].masks.empty() && !checked[i]) masks.give(samples[i]);
}

std::vector<std::string> beside_lists(const fs::path& root, const std::vector<fs::path>& lists,
                                      const std::vector<Sample>& samples) {
  std::set<fs::path> known, folders = {normal(lists.front()).parent_path(), normal(root)};
  for (const fs::path& list : lists) known.insert(normal(list));
  for (const Sample& sample : samples) {
    known.insert(normal(sample.file));
    for (const fs::path& mask : sample.masks) known.insert(normal(mask));
    for (const fs::path& folder : folders_up_to(normal(sample.file), normal(root))) folders.insert(folder);
  }
  OtherFiles beside;
  for (const fs::path& folder : folders) beside.add(folder, known);
  std::vector<std::string> found;
  const std::string name = escaped(lists.front().filename().string());
  if (beside.images.count > 0)
    found.push_back(count_text(beside.images, "image beside those of " + name, "images beside those of " + name));
  if (beside.lists.size() > kNamed) {
    beside.lists.resize(kNamed);
    beside.lists.emplace_back("...");
  }
  if (!beside.lists.empty()) found.push_back("lists and tables that are not read (" + joined(beside.lists) + ")");
  if (beside.others.count > 0)
    found.push_back(count_text(beside.others, "file that is no image", "files that are no images"));
  return found;
}

std::vector<std::string> not_listed(const fs::path& root, const std::vector<fs::path>& lists,
                                    const std::vector<Sample>& samples) {
  std::set<fs::path> used;
  const auto use = [&, top = normal(root)](const fs::path& file) {
    if (const fs::path inside = normal(file).lexically_relative(top); !inside.empty()) used.insert(*inside.begin());
  };
  for (const Sample& sample : samples) {
    use(sample.file);
    std::ranges::for_each(sample.masks, use);
  }
  const fs::path& list = lists.front();
  std::vector<std::string> names, found;
  for (const fs::path& sub : list_subfolders(root)) {
    if (used.contains(sub.filename()) || sub == list.parent_path()) continue;
    const FolderRole role = role_of(sub.filename().string());
    if (role == FolderRole::train || role == FolderRole::test || is_folder(sub / "Images" / "Normal"))
      fail(list.string(), " and ", sub.string(), ": two layouts in one folder; move one away");
    names.push_back(escaped(sub.filename().string()));
  }
  if (!names.empty())
    found.push_back("folders that " + escaped(list.filename().string()) + " does not name (" + joined(names) + ")");
  std::ranges::move(beside_lists(root, lists, samples), std::back_inserter(found));
  return found;
}

}  // namespace iuf
