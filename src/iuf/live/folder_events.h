#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace iuf {

/// What the system (inotify) tells of a folder and those below it.
class FolderEvents {
 public:
  enum class Kind {
    created,  // a file that is about to be written, or a link to one, of which nothing more is told
    written,  // somebody writes to the file
    closed,   // written to its end, or moved here
    gone,     // removed, or moved away
    lost      // events were lost, or folders came: the file is empty, and the folder is to be looked at
  };
  using Listener = std::function<void(Kind kind, const std::filesystem::path& file)>;

  /// Of no folder yet. Not active where the system has no inotify left.
  FolderEvents();
  FolderEvents(const FolderEvents&) = delete;
  FolderEvents& operator=(const FolderEvents&) = delete;
  ~FolderEvents();

  /// From now on also this one; again is no harm. False, and inactive from now on, where the system cannot.
  bool add(const std::filesystem::path& folder);
  bool active() const { return fd_ >= 0; }
  /// Readable where read() has something to tell; -1 where it is not active.
  int descriptor() const { return fd_; }
  void read(const Listener& listener);

 private:
  void close();
  void tell(int watch, unsigned mask, const std::string& name, const Listener& listener);

  int fd_;
  std::map<int, std::filesystem::path> folders_ = {};  // by the system's number
};

}  // namespace iuf
