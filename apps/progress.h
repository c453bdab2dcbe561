#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <string>

namespace iuf {

/// Says on standard error how far a long job is. On a terminal one line per stage is updated in place; elsewhere a
/// stage that takes long says so every 10 s. A stage that took a second or more leaves a line when it is done.
class ProgressLine {
 public:
  enum class Shown { all, remarks };  // remarks and errors alone: no progress
  /// Once `stop` is set, a call about a stage throws Interrupted.
  explicit ProgressLine(Shown shown, const volatile std::sig_atomic_t* stop = nullptr);
  ~ProgressLine() { finish(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `done` of `total` of a stage; a total of 0 is unknown. May be called from any thread.
  void operator()(const std::string& stage, int64_t done, int64_t total);
  /// A remark on a line of its own.
  void note(const std::string& text);
  /// "iuf: error: ..." on a line of its own.
  void error(const std::string& text);
  /// Ends the current line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::string status(int64_t done, int64_t total) const;
  void end_stage();
  void say(const std::string& text);

  Shown shown_;
  const volatile std::sig_atomic_t* stop_;
  bool terminal_;
  std::mutex mutex_;
  std::string stage_;
  bool open_ = false;  // a stage that has not said that it is done
  int64_t first_ = 0, done_ = 0, total_ = 0;
  Clock::time_point start_, last_line_;
};

}  // namespace iuf
