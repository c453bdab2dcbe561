#include "iuf/live/number_watch.h"

#include "iuf/checks/number_gaps.h"

namespace iuf {

void NumberWatch::recall(const std::filesystem::path& file) {
  last_.push_back(file);
  if (last_.size() > kLast) last_.pop_front();
}

std::string NumberWatch::take(const std::filesystem::path& file) {
  recall(file);
  if (++since_ < kEvery || last_.size() <= kLate) return "";
  since_ = 0;
  // Missing among those that are not new, also when the newest ones are counted.
  const auto behind = last_.end() - static_cast<std::ptrdiff_t>(kLate);
  std::string said = missing_numbers({last_.begin(), behind});
  if (said.empty() || missing_numbers({last_.begin(), last_.end()}).empty()) return "";
  last_.erase(last_.begin(), behind - 1);
  return said + ": did the camera or the copying lose images?";
}

}  // namespace iuf
