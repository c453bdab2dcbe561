#include "nn/row_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

size_t size_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? static_cast<size_t>(info.st_size) : 0;
}

// So many bytes, or those up to the file's end.
std::string read_at(const std::filesystem::path& path, int fd, size_t from, size_t size) {
  std::string text(size, '\0');
  size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::pread(fd, text.data() + filled, text.size() - filled, static_cast<off_t>(from + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_with(path, "read", errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  text.resize(filled);
  return text;
}

// Other processes that add lines wait until it is destroyed. On a file system without locks it does nothing.
class Turn {
 public:
  explicit Turn(int fd) : fd_(fd) {
    while (::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { ::flock(fd_, LOCK_UN); }

 private:
  int fd_;
};

// Returns 0 or the errno of what failed.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno;
    text.remove_prefix(static_cast<size_t>(done));
  }
  return 0;
}

}  // namespace

RowFile::RowFile(std::filesystem::path path, std::string head, Links links, RowMending mending)
    : path_(std::move(path)), head_(std::move(head)), links_(links), mending_(std::move(mending)) {
  open();
}

RowFile::~RowFile() {
  close();
}

void RowFile::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void RowFile::open() {
  close();
  const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;  // a pipe must not block
  do fd_ = ::open(path_.c_str(), flags | (links_ == Links::follow ? 0 : O_NOFOLLOW), 0666);
  while (fd_ < 0 && errno == EINTR);
  if (fd_ < 0 && errno == ELOOP && links_ != Links::follow)
    fail(path_.string(), ": is a link, which is not followed: remove it, or choose another folder for the output");
  if (fd_ < 0) fail_with(path_, "write", errno);
  struct stat info {};
  if (::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
    close();
    fail(path_.string(), ": is not a regular file: name another one");
  }
  const Turn turn(fd_);
  check_head();
  mend_last_line();
}

std::string RowFile::read(size_t from) const {
  return read_at(path_, fd_, from, size_of(fd_) - std::min(from, size_of(fd_)));
}

void RowFile::cut(size_t size) const {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail_with(path_, "write", errno);
}

void RowFile::check_head() {
  // A call that was killed at once left a part of it.
  if (const size_t size = size_of(fd_); size < head_.size() && head_.compare(0, size, read(0)) == 0) {
    cut(0);
    if (const int failed = write_all(fd_, head_)) {
      cut(0);
      fail_with(path_, "write", failed);
    }
    return;
  }
  if (read_at(path_, fd_, 0, head_.size()) != head_)
    fail(path_.string(), ": its first line is not that of this version's logs: name another file");
}

void RowFile::mend_last_line() const {
  constexpr size_t kStep = 1 << 16;
  const size_t size = size_of(fd_);
  size_t end = 0;  // of the last line that has one
  for (size_t from = size; from > 0 && end == 0;) {
    from = from > kStep ? from - kStep : 0;
    const size_t found = read(from).rfind('\n');
    if (found != std::string::npos) end = from + found + 1;
  }
  if (end == size) return;
  const std::string line = read(end);
  if (mending_.is_whole && mending_.is_whole(line)) {
    if (const int failed = write_all(fd_, "\n")) fail_with(path_, "write", failed);
    return;
  }
  // A file of one line that never ended is not this program's.
  if (end == 0) fail(path_.string(), ": holds something else than lines: name another file");
  if (mending_.say) keep_aside(line);
  cut(end);
}

void RowFile::keep_aside(const std::string& line) const {
  constexpr size_t kShown = 100;
  const std::filesystem::path aside = path_.string() + ".cut";
  const int fd = ::open(aside.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) fail_with(aside, "write", errno);
  const int failed = write_all(fd, line + "\n");
  ::close(fd);
  if (failed != 0) fail_with(aside, "write", failed);
  mending_.say(path_.string() + ": its last row was not whole, and is in " + aside.string() +
               " now: " + plain_text(line.substr(0, kShown)) + (line.size() > kShown ? "..." : ""));
}

void RowFile::take_back(std::string_view line) {
  const Turn turn(fd_);
  const size_t size = size_of(fd_);
  if (size >= head_.size() + line.size() && read(size - line.size()) == line) cut(size - line.size());
}

bool RowFile::is_moved() const {
  struct stat held {
  }, named{};
  return ::fstat(fd_, &held) != 0 || ::stat(path_.c_str(), &named) != 0 || held.st_ino != named.st_ino ||
         held.st_dev != named.st_dev;
}

void RowFile::add(std::string_view lines) {
  if (fd_ < 0 || is_moved()) open();
  const Turn turn(fd_);
  const size_t before = size_of(fd_);
  if (const int failed = write_all(fd_, lines)) {
    if (::ftruncate(fd_, static_cast<off_t>(before)) != 0) close();  // opened anew it is cut
    fail_with(path_, "write", failed);
  }
}

void RowFile::sync() {
  int done = 0;
  do done = ::fsync(fd_);
  while (done != 0 && errno == EINTR);
  if (done != 0 && errno != EINVAL) fail_with(path_, "write", errno);
}

std::string RowFile::tail(size_t bytes) {
  const size_t size = size_of(fd_);
  const size_t first = std::max(head_.size(), size > bytes ? size - bytes : 0);
  std::string text = read(first);
  if (first > head_.size()) text.erase(0, std::min(text.size(), text.find('\n')) + 1);
  return text;
}

}  // namespace iuf
