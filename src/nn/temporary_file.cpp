#include "nn/temporary_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "nn/checksum.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kNameStart = ".iuf-", kNameEnd = ".tmp";
constexpr size_t kNameDigits = 16;

bool is_temporary(std::string_view name) {
  return name.size() == kNameStart.size() + kNameDigits + kNameEnd.size() && name.starts_with(kNameStart) &&
         name.ends_with(kNameEnd) &&
         name.substr(kNameStart.size(), kNameDigits).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Empty where the system has no random numbers; errno says why.
std::string random_name() {
  uint64_t number = 0;
  ssize_t got = 0;
  do got = ::getrandom(&number, sizeof number, 0);
  while (got < 0 && errno == EINTR);
  return got == sizeof number ? std::string(kNameStart) + hex_digits(number) + std::string(kNameEnd) : "";
}

// A process that writes holds a lock on its file. On a file system without locks nothing is removed.
void remove_leftover(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) ::unlink(file.c_str());
  ::close(fd);
}

// Whether another process took it for a leftover before it was locked.
bool is_gone(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && info.st_nlink == 0;
}

}  // namespace

void remove_leftovers(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> done;
  const std::lock_guard lock(mutex);
  if (!done.insert(folder).second) return;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (is_temporary(entry->path().filename().native())) remove_leftover(entry->path());
}

TemporaryFile::TemporaryFile(const fs::path& folder) {
  remove_leftovers(folder);
  while (true) {
    const std::string name = random_name();
    if (name.empty()) return;
    path_ = folder / name;
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ < 0 && errno != EEXIST && errno != EINTR) return;
    if (fd_ < 0) continue;
    while (::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
    if (!is_gone(fd_)) return;
    ::close(std::exchange(fd_, -1));
  }
}

TemporaryFile::~TemporaryFile() {
  remove();
}

void TemporaryFile::remove() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(std::exchange(fd_, -1));
}

int TemporaryFile::move_to(const fs::path& path) {
  // Some file systems report a full disk only when it is closed; the lock lasts as long as the other descriptor.
  const int lock = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  const int closing = std::exchange(fd_, lock);
  if (::close(closing) != 0 && errno != EINTR) {  // interrupted, it is closed all the same
    const int failed = errno;
    if (fd_ < 0) ::unlink(path_.c_str());
    remove();
    return failed;
  }
  int moved = 0;
  do moved = ::rename(path_.c_str(), path.c_str());
  while (moved != 0 && errno == EINTR);
  const int failed = moved == 0 ? 0 : errno;
  if (failed) ::unlink(path_.c_str());
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  return failed;
}

}  // namespace iuf
