#include "iuf/live/folder_events.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace iuf {

namespace fs = std::filesystem;

FolderEvents::FolderEvents() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FolderEvents::~FolderEvents() {
  close();
}

void FolderEvents::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  folders_.clear();
}

bool FolderEvents::add(const fs::path& folder) {
  if (!active()) return false;
  constexpr unsigned kFiles = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE;
  const int watch = ::inotify_add_watch(fd_, folder.c_str(), kFiles | IN_ONLYDIR);
  if (watch < 0 && (errno == ENOENT || errno == ENOTDIR)) return true;  // gone already
  if (watch < 0) close();
  if (watch >= 0) folders_[watch] = folder;
  return active();
}

void FolderEvents::read(const Listener& listener) {
  alignas(inotify_event) char buffer[1 << 16];
  while (active()) {
    const ssize_t got = ::read(fd_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    for (const char* at = buffer; at < buffer + got;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      const char* const name = at + sizeof event;
      at = name + event.len;
      tell(event.wd, event.mask, event.len ? std::string(name) : "", listener);
    }
  }
}

void FolderEvents::tell(int watch, unsigned mask, const std::string& name, const Listener& listener) {
  if (mask & IN_Q_OVERFLOW) return listener(Kind::lost, {});
  const auto folder = folders_.find(watch);
  if (folder == folders_.end()) return;
  if (mask & IN_IGNORED) {
    folders_.erase(folder);
    return;
  }
  const fs::path file = folder->second / name;
  if (mask & IN_ISDIR) {
    // A folder that left keeps its number under a name that is no longer its own.
    if (mask & IN_MOVED_FROM)
      for (const auto& [number, path] : folders_)
        if (path == file || path.string().starts_with(file.string() + "/")) ::inotify_rm_watch(fd_, number);
    if (mask & (IN_CREATE | IN_MOVED_TO)) listener(Kind::lost, {});
    return;
  }
  if (mask & (IN_CLOSE_WRITE | IN_MOVED_TO))
    listener(Kind::closed, file);
  else if (mask & IN_MODIFY)
    listener(Kind::written, file);
  else if (mask & (IN_DELETE | IN_MOVED_FROM))
    listener(Kind::gone, file);
  else if (mask & IN_CREATE)
    listener(Kind::created, file);
}

}  // namespace iuf
