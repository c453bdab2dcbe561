#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "iuf/run/prediction_journal.h"

namespace iuf {

/// Which files of a folder are complete, by what the system tells of them and by repeated looks. Knows no clock and no
/// file: both are told.
class Arrivals {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// `settle`: a file that nobody was seen closing is complete when it stays as it is for so long.
  explicit Arrivals(std::chrono::milliseconds settle) : settle_(settle) {}

  /// Somebody writes to the file: whatever looks say, it is not complete before closed().
  void written(const std::string& name);
  /// Written to its end, or moved here as a whole.
  void closed(const std::string& name);
  void gone(const std::string& name);
  /// A look found the file like this.
  void seen(const std::string& name, const FileStamp& stamp, Time now);
  /// As if it had come now; it must settle, whoever closed it.
  void again(const std::string& name, const FileStamp& stamp, Time now);

  /// The files that wait to settle, and when the first of them may have done so.
  std::vector<std::string> settling() const;
  std::optional<Time> next_look() const;
  /// The complete file that has waited longest, which leaves.
  std::optional<std::string> next();
  bool empty() const { return ready_.empty() && settling_.empty(); }

 private:
  struct Settling {
    FileStamp stamp;
    Time since;
  };
  void make_ready(const std::string& name);

  std::chrono::milliseconds settle_;
  std::map<std::string, Settling> settling_ = {};
  std::set<std::string> open_ = {};  // that somebody writes to
  std::deque<std::string> ready_ = {};
  std::set<std::string> queued_ = {};  // those of ready_
};

}  // namespace iuf
