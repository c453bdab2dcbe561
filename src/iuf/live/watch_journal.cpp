#include "iuf/live/watch_journal.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "iuf/data/json_fields.h"
#include "iuf/run/checked_lines.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostLines = 20'000;  // that are added before it is written anew

// The first line.
struct Head {
  std::string folder = {};  // escaped
  int64_t next = 1;         // number of an image

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(1);
    field("folder", self.folder);
    field("next", self.next, kCount);
  }
};

}  // namespace

WatchJournal::WatchJournal(fs::path file, const fs::path& folder, const Progress& progress)
    : file_(std::move(file)), folder_(fs::weakly_canonical(folder)) {
  if (fs::exists(file_)) read(read_text(file_), progress);
  std::erase_if(known_, [&](const auto& known) { return stamp_of(folder_ / known.first).size < 0; });
  begin();
}

void WatchJournal::read(const std::string& text, const Progress& progress) {
  std::map<int64_t, WatchEntry> entries;
  int64_t damaged = 0;
  std::string_view rest = text;
  for (bool first = true; !rest.empty(); first = false) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1);  // the last line may lack its end alone
    const std::optional<nlohmann::json> value = value_of_line(rest.substr(0, end + 1));
    rest.remove_prefix(end + 1);
    if (first) {
      if (!value) fail(file_.string(), ": damaged; which images were judged is lost: name another --out");
      const Head head = from_json<Head>(*value, {file_.string(), "damaged journal"});
      if (head.folder != escaped(folder_.string()))
        fail(file_.string(), ": is of the folder ", head.folder, ": name another --out for this one");
      next_ = head.next;
      continue;
    }
    if (!value) {
      // What a power cut left of the last line is judged again, as it must be.
      damaged += !rest.empty();
      continue;
    }
    const auto entry = from_json<WatchEntry>(*value, {file_.string(), "damaged journal"});
    if (entry.phase == WatchEntry::gone) {
      known_.erase(unescaped(entry.name));
      continue;
    }
    known_[unescaped(entry.name)] = {entry.stamp, entry.content};
    next_ = std::max(next_, entry.number + 1);
    if (entry.phase == WatchEntry::done)
      entries.erase(entry.number);
    else
      entries[entry.number] = entry;
  }
  if (damaged > 0)
    progress.note(file_.string() + ": damaged: " + std::to_string(damaged) +
                  (damaged == 1 ? " line is" : " lines are") + " left out, and what they were of may be judged again");
  for (auto& [number, entry] : entries) interrupted_.push_back(std::move(entry));
}

void WatchJournal::begin() {
  std::string text = checked_line(to_json(Head{escaped(folder_.string()), next_}));
  for (const auto& [name, known] : known_)
    text += checked_line(to_json(WatchEntry{.name = escaped(name), .stamp = known.stamp, .content = known.content}));
  for (const WatchEntry& entry : interrupted_) text += checked_line(to_json(entry));
  write_file(file_, text);
  rows_.emplace(file_, "");
  added_ = 0;
}

bool WatchJournal::knows(const std::string& name, const FileStamp& stamp) const {
  const auto known = known_.find(name);
  return known != known_.end() && known->second.stamp == stamp;
}

bool WatchJournal::knows_content(const std::string& name, uint64_t content, const FileStamp& stamp) {
  const auto known = known_.find(name);
  if (known == known_.end() || known->second.content != content) return false;
  add({.name = escaped(name), .stamp = stamp, .content = content});
  return true;
}

void WatchJournal::forget(const std::string& name) {
  if (known_.erase(name) == 0) return;
  rows_->add(checked_line(to_json(WatchEntry{.phase = WatchEntry::gone, .name = escaped(name)})));
  ++added_;
}

void WatchJournal::add(const WatchEntry& entry) {
  known_[unescaped(entry.name)] = {entry.stamp, entry.content};
  next_ = std::max(next_, entry.number + 1);
  std::erase_if(interrupted_, [&](const WatchEntry& other) { return other.number == entry.number; });
  if (entry.phase != WatchEntry::done) interrupted_.push_back(entry);
  rows_->add(checked_line(to_json(entry)));
  rows_->sync();
  if (++added_ >= kMostLines) begin();
}

}  // namespace iuf
