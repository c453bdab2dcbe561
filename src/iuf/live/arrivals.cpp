#include "iuf/live/arrivals.h"

#include <algorithm>

namespace iuf {

void Arrivals::make_ready(const std::string& name) {
  settling_.erase(name);
  if (queued_.insert(name).second) ready_.push_back(name);
}

void Arrivals::written(const std::string& name) {
  open_.insert(name);
  settling_.erase(name);
}

void Arrivals::closed(const std::string& name) {
  open_.erase(name);
  make_ready(name);
}

void Arrivals::gone(const std::string& name) {
  open_.erase(name);
  settling_.erase(name);
}

void Arrivals::seen(const std::string& name, const FileStamp& stamp, Time now) {
  if (queued_.contains(name) || open_.contains(name)) return;
  const auto [at, is_new] = settling_.try_emplace(name, Settling{stamp, now});
  if (!is_new && at->second.stamp != stamp)
    at->second = {stamp, now};
  else if (now - at->second.since >= settle_)
    make_ready(name);
}

void Arrivals::again(const std::string& name, const FileStamp& stamp, Time now) {
  if (!queued_.contains(name) && !open_.contains(name)) settling_[name] = {stamp, now};
}

std::vector<std::string> Arrivals::settling() const {
  std::vector<std::string> names;
  for (const auto& [name, state] : settling_) names.push_back(name);
  return names;
}

std::optional<Arrivals::Time> Arrivals::next_look() const {
  std::optional<Time> first;
  for (const auto& [name, state] : settling_)
    if (!first || state.since + settle_ < *first) first = state.since + settle_;
  return first;
}

std::optional<std::string> Arrivals::next() {
  while (!ready_.empty()) {
    std::string name = std::move(ready_.front());
    ready_.pop_front();
    queued_.erase(name);
    if (!open_.contains(name)) return name;  // else it comes again when it is closed
  }
  return std::nullopt;
}

}  // namespace iuf
