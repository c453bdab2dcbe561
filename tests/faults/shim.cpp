// A library for LD_PRELOAD that lets one file operation of a program fail. Operations count where they touch a file
// below FAULT_ROOT (an absolute path without links), standard output and error apart:
//
//   FAULT=write:17:ENOSPC   the 17th write fails so; of open, read, write, fsync, rename, mmap, close
//   FAULT=write:17:short    half of it is done (read, write)
//   FAULT=any:17:KILL       SIGKILL before the 17th operation, whichever it is; TERM and INT likewise
//   FAULT_COUNT=FILE        how many there were of each goes to FILE, as lines "write 17"
//
// As on a real system a close that fails has closed. Processes that the program starts are not disturbed.

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum Operation { kOpen, kRead, kWrite, kFsync, kRename, kMmap, kClose, kOperations };
const char* const kNames[] = {"open", "read", "write", "fsync", "rename", "mmap", "close"};
std::atomic<long> counts[kOperations], of_all;

struct Fault {
  char operation[16] = "", kind[16] = "";
  long number = 0;
  Fault() {
    if (const char* text = getenv("FAULT")) sscanf(text, "%15[^:]:%ld:%15s", operation, &number, kind);
  }
  int error() const {
    struct {
      const char* name;
      int value;
    } const known[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT}, {"EINTR", EINTR},
                       {"EMFILE", EMFILE}, {"EACCES", EACCES}, {"ENOMEM", ENOMEM}};
    for (const auto& k : known)
      if (strcmp(kind, k.name) == 0) return k.value;
    return 0;
  }
};
const Fault& fault() {
  static const Fault one;
  return one;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool below_root(const char* path) {
  static const char* const root = getenv("FAULT_ROOT");
  if (!root || !path) return false;
  char full[2 * PATH_MAX];
  if (path[0] == '/') {
    snprintf(full, sizeof full, "%s", path);
  } else if (getcwd(full, PATH_MAX)) {
    strncat(full, "/", 2);
    strncat(full, path, PATH_MAX);
  } else {
    return false;
  }
  return strncmp(full, root, strlen(root)) == 0;
}
bool below_root(int fd) {
  if (fd < 3) return false;  // what the program says
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return path[0] == '/' && below_root(path);  // else a pipe or a socket
}

enum class Do { all, half, nothing };

// Counts an operation that touches the root; errno is set where it is to fail.
Do count(Operation operation) {
  const long number = ++counts[operation], number_of_all = ++of_all;
  const Fault& f = fault();
  const bool is_any = strcmp(f.operation, "any") == 0;
  if (!is_any && strcmp(f.operation, kNames[operation]) != 0) return Do::all;
  if ((is_any ? number_of_all : number) != f.number) return Do::all;
  if (strcmp(f.kind, "KILL") == 0) kill(getpid(), SIGKILL);
  if (strcmp(f.kind, "TERM") == 0) kill(getpid(), SIGTERM);
  if (strcmp(f.kind, "INT") == 0) kill(getpid(), SIGINT);
  if (strcmp(f.kind, "short") == 0) return Do::half;
  if (f.error() == 0) return Do::all;
  errno = f.error();
  return Do::nothing;
}

// Processes that the program starts are not disturbed.
struct Start {
  Start() { unsetenv("LD_PRELOAD"); }
} start;

struct Report {
  ~Report() {
    const char* name = getenv("FAULT_COUNT");
    FILE* file = name ? fopen(name, "w") : nullptr;
    if (!file) return;
    for (int i = 0; i < kOperations; ++i) fprintf(file, "%s %ld\n", kNames[i], counts[i].load());
    fprintf(file, "any %ld\n", of_all.load());
    fclose(file);
  }
} report;

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) ? static_cast<mode_t>(va_arg(rest, unsigned)) : 0;
  va_end(rest);
  if (below_root(path) && count(kOpen) == Do::nothing) return -1;
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  return real(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) ? static_cast<mode_t>(va_arg(rest, unsigned)) : 0;
  va_end(rest);
  return open(path, flags, mode);
}
ssize_t read(int fd, void* to, size_t size) {
  const Do what = below_root(fd) ? count(kRead) : Do::all;
  if (what == Do::nothing) return -1;
  static const auto real = next<ssize_t (*)(int, void*, size_t)>("read");
  return real(fd, to, what == Do::half && size > 1 ? size / 2 : size);
}
ssize_t pread(int fd, void* to, size_t size, off_t at) {
  const Do what = below_root(fd) ? count(kRead) : Do::all;
  if (what == Do::nothing) return -1;
  static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return real(fd, to, what == Do::half && size > 1 ? size / 2 : size, at);
}
ssize_t pread64(int fd, void* to, size_t size, off64_t at) {
  return pread(fd, to, size, at);
}
ssize_t write(int fd, const void* from, size_t size) {
  const Do what = below_root(fd) ? count(kWrite) : Do::all;
  if (what == Do::nothing) return -1;
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return real(fd, from, what == Do::half && size > 1 ? size / 2 : size);
}
int fsync(int fd) {
  if (below_root(fd) && count(kFsync) == Do::nothing) return -1;
  static const auto real = next<int (*)(int)>("fsync");
  return real(fd);
}
int rename(const char* from, const char* to) {
  if (below_root(to) && count(kRename) == Do::nothing) return -1;
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return real(from, to);
}
void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
  if (fd >= 0 && below_root(fd) && count(kMmap) == Do::nothing) return MAP_FAILED;
  static const auto real = next<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  return real(at, size, protection, flags, fd, offset);
}
void* mmap64(void* at, size_t size, int protection, int flags, int fd, off64_t offset) {
  return mmap(at, size, protection, flags, fd, offset);
}
int close(int fd) {
  const Do what = below_root(fd) ? count(kClose) : Do::all;
  const int error = errno;
  static const auto real = next<int (*)(int)>("close");
  const int result = real(fd);
  if (what != Do::nothing) return result;
  errno = error;
  return -1;
}

}  // extern "C"
