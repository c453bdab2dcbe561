#include "apps/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "iuf/features/interrupted.h"
#include "iuf/run/text.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr double kRefresh = 0.1, kLineEvery = 10, kWorthALine = 1;  // seconds

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Whether the terminal understands more than lines.
bool has_cursor() {
  const char* const name = std::getenv("TERM");
  return name && std::string_view(name) != "dumb" && *name;
}

size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine(Shown shown, const volatile std::sig_atomic_t* stop)
    : shown_(shown), stop_(stop), terminal_(isatty(STDERR_FILENO) == 1 && has_cursor()) {}

void ProgressLine::operator()(const std::string& stage, int64_t done, int64_t total) {
  if (stop_ && *stop_) throw Interrupted();
  if (shown_ == Shown::remarks) return;
  const std::lock_guard lock(mutex_);
  if (stage != stage_ || (!open_ && done < done_)) {
    end_stage();
    stage_ = stage;
    first_ = done;  // a continued job starts in the middle
    start_ = last_line_ = Clock::now();
    open_ = true;
    if (terminal_) last_line_ -= std::chrono::seconds(1);
  }
  done_ = done;
  total_ = total;
  if (!open_) return;
  if (total > 0 && done >= total) return end_stage();
  if (seconds_since(last_line_) < (terminal_ ? kRefresh : kLineEvery)) return;
  last_line_ = Clock::now();
  const std::string line = (plain_text(stage) + ": " + status(done, total)).substr(0, terminal_width() - 1);
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
}

std::string ProgressLine::status(int64_t done, int64_t total) const {
  std::string text = std::to_string(done);
  if (total > 0) text += " of " + std::to_string(total);
  const double rate = static_cast<double>(done - first_) / seconds_since(start_);
  if (done > first_) {
    char figure[32];
    std::snprintf(figure, sizeof figure, rate < 10 ? ", %.2f/s" : ", %.0f/s", rate);
    text += figure;
    if (total > done) text += ", " + duration_text(static_cast<double>(total - done) / rate) + " left";
  }
  return text;
}

void ProgressLine::end_stage() {
  if (!open_) return;
  open_ = false;
  const double seconds = seconds_since(start_);
  if (terminal_) std::fprintf(stderr, "\r\033[K");
  if (seconds < kWorthALine) return;
  const std::string count =
      total_ > 0 && done_ < total_ ? std::to_string(done_) + " of " + std::to_string(total_) : std::to_string(done_);
  std::fprintf(stderr, "%s: %s in %s\n", plain_text(stage_).c_str(), count.c_str(), duration_text(seconds).c_str());
}

void ProgressLine::note(const std::string& text) {
  say(text);
}

void ProgressLine::error(const std::string& text) {
  say("iuf: error: " + text);
}

void ProgressLine::say(const std::string& text) {
  const std::lock_guard lock(mutex_);
  std::fprintf(stderr, "%s%s\n", terminal_ && open_ ? "\r\033[K" : "", plain_text(text).c_str());
}

void ProgressLine::finish() {
  const std::lock_guard lock(mutex_);
  end_stage();
}

}  // namespace iuf
