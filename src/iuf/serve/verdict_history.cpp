#include "iuf/serve/verdict_history.h"

#include <algorithm>

#include "iuf/run/verdict_log.h"

namespace iuf {
namespace {

std::string text_of(const nlohmann::ordered_json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

void count(VerdictCounts& counts, const std::string& verdict) {
  const auto found = std::ranges::find(kVerdictNames, verdict);
  if (found != kVerdictNames.end()) ++counts[static_cast<size_t>(found - kVerdictNames.begin())];
}

}  // namespace

void VerdictHistory::keep(Entry entry) {
  const std::string time = text_of(entry.row, "time"), verdict = text_of(entry.row, "verdict");
  count(hours_[time.substr(0, 13)][text_of(entry.row, "object")], verdict);
  while (hours_.size() > kMostHours) hours_.erase(hours_.begin());
  entries_.push_back(std::move(entry));
  if (entries_.size() > kMost) entries_.pop_front();
}

int64_t VerdictHistory::add(nlohmann::ordered_json row, VerdictPictures pictures) {
  const std::lock_guard lock(mutex_);
  // By the clock, so that no number of an earlier process comes again.
  last_id_ = std::max(last_id_ + 1, utc_milliseconds() * 100);
  count(totals_[text_of(row, "object")], text_of(row, "verdict"));
  keep({last_id_, std::move(row), std::make_shared<const VerdictPictures>(std::move(pictures))});
  return last_id_;
}

void VerdictHistory::recall(const std::string& line) {
  nlohmann::ordered_json row = nlohmann::ordered_json::parse(line, nullptr, false);
  if (!row.is_object() || text_of(row, "time").size() < 13 || text_of(row, "verdict").empty()) return;
  const std::lock_guard lock(mutex_);
  keep({std::nullopt, std::move(row), nullptr});
}

nlohmann::ordered_json VerdictHistory::last(size_t most) const {
  const std::lock_guard lock(mutex_);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && list.size() < most; ++entry) {
    nlohmann::ordered_json row = {{"id", nullptr}};
    if (entry->id) row["id"] = *entry->id;
    row.update(entry->row);
    list.push_back(std::move(row));
  }
  return list;
}

nlohmann::ordered_json VerdictHistory::hours() const {
  const std::lock_guard lock(mutex_);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (auto hour = hours_.rbegin(); hour != hours_.rend(); ++hour)
    for (const auto& [object, counts] : hour->second) {
      nlohmann::ordered_json row = {{"hour", hour->first + ":00Z"}, {"object", object}};
      for (size_t i = 0; i < counts.size(); ++i) row[kVerdictNames[i]] = counts[i];
      list.push_back(std::move(row));
    }
  return list;
}

std::map<std::string, VerdictCounts> VerdictHistory::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

std::shared_ptr<const VerdictPictures> VerdictHistory::pictures(int64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(entries_, std::optional(id), &Entry::id);
  return found == entries_.end() ? nullptr : found->pictures;
}

}  // namespace iuf
