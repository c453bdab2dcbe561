#include "iuf/checks/name_groups.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "iuf/checks/part_numbers.h"
#include "iuf/data/made_pictures.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/roles.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using Files = std::vector<fs::path>;

constexpr size_t kFewestGroups = 3, kMostTails = 10;
constexpr double kNearlyAll = 0.8;

// Where names are cut into what a group has in common and further words.
struct Cut {
  enum class At { head, tail, prefix } at = At::head;
  std::ptrdiff_t words = 1;  // of the head; of the further words behind it or before it
};

struct GroupedName {
  std::string head, tail;
};

// `whole`: names without further words.
GroupedName cut_name(const Words& words, const Cut& cut, const std::set<std::string>& whole) {
  const auto size = static_cast<std::ptrdiff_t>(words.size()), further = std::min(cut.words, size);
  const std::string all = text_of_words(words.begin(), words.end());
  const bool is_whole = cut.at != Cut::At::head && (cut.words >= size || whole.contains(all));
  if (is_whole) return {all, ""};
  const auto middle = cut.at == Cut::At::tail ? words.end() - further : words.begin() + further;
  const std::string before = text_of_words(words.begin(), middle), behind = text_of_words(middle, words.end());
  return cut.at == Cut::At::prefix ? GroupedName{behind, before} : GroupedName{before, behind};
}

// A day, a shift, a camera: what follows are its images, not those of one part.
bool is_session_name(const std::string& head) {
  const Words words = words_of(head);
  if (words.empty()) return true;
  const std::string& last = words.back();
  const std::string_view name = trimmed_number(last);
  if (!name.empty()) return !is_filler(name) && is_session(name);
  const auto is_year = [](std::string_view word) { return word.starts_with("19") || word.starts_with("20"); };
  if (last.size() == 8 && is_year(last)) return true;
  const size_t size = words.size();
  return size >= 3 && last.size() == 2 && words[size - 2].size() == 2 && words[size - 3].size() == 4 &&
         is_year(words[size - 3]);
}

// The names of some files, cut in one way.
class Grouping {
 public:
  Grouping(const std::vector<Words>& names, const Cut& cut) : cut_(cut) {
    if (cut.at != Cut::At::head) find_whole(names);
    for (const Words& words : names) {
      const GroupedName name = cut_name(words, cut, whole_);
      tails_[name.head].insert(name.tail);
    }
    std::map<std::string, size_t> heads_of;
    for (const auto& [head, tails] : tails_) {
      names_ += tails.size();
      groups_ += tails.size() > 1;
      for (const std::string& tail : tails) ++heads_of[tail];
    }
    for (const auto& [tail, heads] : heads_of)
      if (2 * heads >= tails_.size()) common_.insert(tail);
    for (const auto& [head, tails] : tails_)
      for (const std::string& tail : tails) agree_ += common_.contains(tail);
  }

  bool holds() const {
    const size_t heads = tails_.size(), tails = common_.size();
    if (groups_ < kFewestGroups || tails < 2 || tails > kMostTails) return false;
    if (!nearly(groups_, heads) || !nearly(agree_, names_)) return false;
    if (cut_.at == Cut::At::prefix && !common_.contains("") && std::ranges::none_of(common_, is_made_word))
      return false;
    size_t numbered = 0, sessions = 0;
    for (const auto& [head, own] : tails_) {
      numbered += head.find_first_of("0123456789") != std::string::npos;
      sessions += is_session_name(head);
    }
    return (heads > tails || nearly(numbered, heads)) && 2 * sessions < heads;
  }
  size_t agreeing() const { return agree_; }
  // At least two, of letters: two kinds of pictures, not two frames.
  bool has_words() const {
    return std::ranges::count_if(common_, [](const std::string& tail) {
             return !tail.empty() && tail.find_first_of("0123456789") == std::string::npos;
           }) > 1;
  }
  // A name without further words is one only where the group has such: 7.png is hardly of the part of 7_0.png.
  bool is_frame(const GroupedName& name) const { return !name.tail.empty() || common_.contains(""); }
  GroupedName name(const fs::path& file) const { return cut_name(words_of_stem(file), cut_, whole_); }

 private:
  static bool nearly(size_t count, size_t all) {
    return static_cast<double>(count) >= kNearlyAll * static_cast<double>(all);
  }

  // Names that others begin with, or end with: they have no further words themselves.
  void find_whole(const std::vector<Words>& names) {
    std::set<std::string> all, heads;
    for (const Words& words : names) {
      all.insert(text_of_words(words.begin(), words.end()));
      if (std::ssize(words) > cut_.words) heads.insert(cut_name(words, cut_, {}).head);
    }
    std::ranges::set_intersection(all, heads, std::inserter(whole_, whole_.end()));
  }

  Cut cut_;
  std::set<std::string> whole_ = {};
  std::map<std::string, std::set<std::string>> tails_ = {};  // by head
  std::set<std::string> common_ = {};                        // tails of at least every second head
  size_t names_ = 0, groups_ = 0, agree_ = 0;
};

// The cut that the most names agree in; nothing where none holds.
std::optional<Grouping> grouping_of(const Files& files) {
  using At = Cut::At;
  static constexpr Cut cuts[] = {{At::head, 1}, {At::head, 2}, {At::head, 3},  {At::head, 4},
                                 {At::tail, 1}, {At::tail, 2}, {At::prefix, 1}};
  std::vector<Words> names;
  for (const fs::path& file : files) names.push_back(words_of_stem(file));
  if (std::ranges::all_of(names, [](const Words& words) { return words.size() < 2; })) return std::nullopt;
  std::optional<Grouping> best;
  for (const Cut& cut : cuts)
    if (Grouping grouping(names, cut); grouping.holds() && (!best || grouping.agreeing() > best->agreeing()))
      best = std::move(grouping);
  return best;
}

// Of copies of one image that differ in their hash; empty for other names.
std::string exported_name(const fs::path& file) {
  return name_key(exported_from(file.stem().string()));
}

std::string shown(const fs::path& file) {
  return escaped(file.filename().string());
}

// A group's number for each file, as name_groups().
std::vector<size_t> groups_by(const std::optional<Grouping>& grouping, const Files& files) {
  std::map<std::pair<fs::path, std::string>, size_t> numbers;
  std::vector<size_t> groups;
  size_t next = 0;
  for (const fs::path& file : files) {
    const std::string head = grouping ? grouping->name(file).head : exported_name(file);
    if (head.empty()) {
      groups.push_back(next++);
      continue;
    }
    const auto [found, is_new] = numbers.try_emplace({file.parent_path(), head}, next);
    next += is_new;
    groups.push_back(found->second);
  }
  return groups;
}

// How these files, called `what`, are grouped, and how many parts these may be; empty where no group has two.
std::string groups_text(const std::optional<Grouping>& grouping, const Files& files, const std::string& what) {
  if (!grouping) return "";
  const std::vector<size_t> groups = groups_by(grouping, files);
  std::map<size_t, Files> members;
  for (size_t i = 0; i < files.size(); ++i) members[groups[i]].push_back(files[i]);
  size_t images = 0, largest = 0;
  const Files* first = nullptr;
  for (const auto& [group, own] : members) {
    if (own.size() < 2) continue;
    images += own.size();
    largest = std::max(largest, own.size());
    if (!first) first = &own;
  }
  if (!first) return "";
  return std::to_string(images) + what + " are named in groups of " + std::to_string(largest) + " (" +
         shown((*first)[0]) + ", " + shown((*first)[1]) + (first->size() > 2 ? ", ...)" : ")") +
         ": if a group shows one part, all " + std::to_string(files.size()) + " are of " +
         std::to_string(members.size()) + " parts" +
         (grouping->has_words() ? "; if only one of the two is a photograph of a part (the other a template, a "
                                  "reference), move the others away"
                                : "");
}

// How many test images are called as further frames of what training images show, and the first pair; empty for none,
// and where test images are numbered anew, and repeat the names of training images.
std::string frames_text(const std::optional<Grouping>& grouping, const Files& learned, const Files& tested) {
  if (!grouping || learned.empty() || tested.empty()) return "";
  std::map<std::string, const fs::path*> heads;
  std::set<std::string> stems;
  for (const fs::path& file : learned) {
    heads.try_emplace(grouping->name(file).head, &file);
    stems.insert(name_key(file.stem().string()));
  }
  size_t count = 0, repeated = 0;
  std::string first;
  for (const fs::path& file : tested) {
    const GroupedName name = grouping->name(file);
    const auto part = heads.find(name.head);
    if (part == heads.end() || !grouping->is_frame(name)) continue;
    repeated += stems.contains(name_key(file.stem().string()));
    if (count++ == 0) first = shown(file) + " beside " + shown(*part->second);
  }
  if (count == 0 || 2 * repeated >= count) return "";
  return std::to_string(count) + " of " + std::to_string(tested.size()) + " normal test images " +
         (count == 1 ? "is named like a frame" : "are named like frames") + " of learned parts (" + first +
         "): figures with them say little of new parts";
}

}  // namespace

std::vector<size_t> name_groups(const Files& files) {
  return groups_by(grouping_of(files), files);
}

GroupRemarks group_remarks(const Dataset& data, const std::string& object) {
  Files learned, tested, all, defects;
  for (const Sample& sample : data.samples) {
    if (sample.object != object) continue;
    if (sample.defect) {
      defects.push_back(sample.file);
      continue;
    }
    (sample.train ? learned : tested).push_back(sample.file);
    all.push_back(sample.file);
  }
  std::optional<Grouping> grouping = grouping_of(learned);
  GroupRemarks remarks{.grouped = groups_text(grouping, learned, " of those to learn from")};
  if (remarks.grouped.empty() && !tested.empty()) {
    std::optional<Grouping> of_all = grouping_of(all);
    remarks.grouped = groups_text(of_all, all, " normal images");
    if (!grouping) grouping = std::move(of_all);
  }
  remarks.frames = frames_text(grouping, learned, tested);
  if (remarks.frames.empty()) remarks.frames = same_part_numbers(learned, tested);
  remarks.views = groups_text(grouping_of(defects), defects, " defective images");
  if (!remarks.views.empty()) remarks.views += "; a view that does not show the defect counts as one that is missed";
  return remarks;
}

}  // namespace iuf
