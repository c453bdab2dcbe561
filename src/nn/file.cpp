#include "nn/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "nn/file_writer.h"
#include "nn/temporary_file.h"
#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

/// The call's result, once no signal interrupts it.
template <class Call>
auto uninterrupted(const Call& call) {
  while (true)
    if (const auto result = call(); result >= 0 || errno != EINTR) return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

const char* advice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return ": free space or choose another folder";
    case EACCES:
    case EPERM:
      return ": check the permissions or choose another folder";
    case EROFS:
      return ": choose a folder that can be written";
    case ENOENT:
      return ": check the path";
    case ELOOP:
      return ": a link is not followed here: remove it, or choose another folder";
    case EFBIG:
      return ": raise the limit on file sizes (ulimit -f)";
    case EMFILE:
    case ENFILE:
      return ": raise the limit on open files (ulimit -n)";
    default:
      return "";
  }
}

Descriptor open_to_read(const fs::path& path, int flags, struct stat& info) {
  Descriptor file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags); }));
  if (!file) fail_with(path, "open", errno);
  const int fd = file.get();
  if (::fstat(fd, &info) != 0) fail_with(path, "open", errno);
  if (S_ISDIR(info.st_mode)) fail(path.string(), ": is a folder, a file is needed");
  return file;
}

/// Reads to the end, whatever the file's announced size: it may grow, or be a pipe.
template <class Buffer>
Buffer read_whole(const fs::path& path, size_t limit) {
  struct stat info {};
  const Descriptor file = open_to_read(path, 0, info);
  const auto check = [&](size_t size) {
    if (size > limit) fail(path.string(), ": is larger than the ", limit, " bytes that are read here");
  };
  const size_t announced = S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0;
  check(announced);
  Buffer buffer;
  buffer.resize(announced + 1);  // one more than needed, so that the end is seen without growing
  size_t filled = 0;
  while (true) {
    if (filled == buffer.size()) buffer.resize(filled + std::max<size_t>(filled / 2, 1 << 16));
    const ssize_t got =
        uninterrupted([&] { return ::read(file.get(), buffer.data() + filled, buffer.size() - filled); });
    if (got < 0) fail_with(path, "read", errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    check(filled);
  }
  buffer.resize(filled);
  return buffer;
}

/// Returns 0 or the errno of the step that failed.
int write_all(int fd, std::span<const std::byte> bytes) {
  constexpr size_t kMost = size_t{1} << 30;  // the system takes at most 2 GiB a call
  while (!bytes.empty()) {
    const ssize_t done = uninterrupted([&] { return ::write(fd, bytes.data(), std::min(bytes.size(), kMost)); });
    if (done < 0) return errno;
    bytes = bytes.subspan(static_cast<size_t>(done));
  }
  return 0;
}

/// Returns 0 or the errno. A file system that cannot do it is no error.
int sync_file(int fd) {
  return uninterrupted([&] { return ::fsync(fd); }) == 0 || errno == EINVAL ? 0 : errno;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

}  // namespace

void fail_with(const fs::path& path, const char* action, int error) {
  fail(path.string(), ": cannot ", action, ": ", std::generic_category().message(error), advice(error));
}

std::vector<std::byte> read_file(const fs::path& path, size_t limit) {
  return read_whole<std::vector<std::byte>>(path, limit);
}

std::string read_text(const fs::path& path) {
  return read_whole<std::string>(path, size_t{1} << 30);
}

FileWriter::FileWriter(const fs::path& path) : path_(path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_symlink(status)) {
    fail(path.string(), ": cannot write: is ", fs::is_directory(status) ? "a folder" : "not a regular file",
         ": choose another name");
  }
  temporary_ = std::make_unique<TemporaryFile>(folder_of(path));
  if (temporary_->fd() < 0) fail_with(path, "write", errno);
}

FileWriter::~FileWriter() = default;

void FileWriter::fail_written(int error) {
  temporary_.reset();
  fail_with(path_, "write", error);
}

void FileWriter::add(std::span<const std::byte> bytes) {
  constexpr size_t kMostHeld = size_t{1} << 16;
  if (held_.size() + bytes.size() > kMostHeld) flush();
  if (bytes.size() <= kMostHeld) return void(held_.insert(held_.end(), bytes.begin(), bytes.end()));
  if (const int failed = write_all(temporary_->fd(), bytes)) fail_written(failed);
}

void FileWriter::flush() {
  if (const int failed = write_all(temporary_->fd(), held_)) fail_written(failed);
  held_.clear();
}

void FileWriter::finish() {
  flush();
  if (const int failed = sync_file(temporary_->fd())) fail_written(failed);
  if (const int failed = temporary_->move_to(path_)) fail_written(failed);
  // The new name survives a power cut once the folder is synced; a file system that cannot do that is no error.
  const Descriptor parent(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent) ::fsync(parent.get());
}

void write_file(const fs::path& path, std::span<const std::span<const std::byte>> pieces) {
  FileWriter file(path);
  for (const auto piece : pieces) file.add(piece);
  file.finish();
}

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  const std::span<const std::byte> pieces[] = {bytes};
  write_file(path, std::span<const std::span<const std::byte>>(pieces));
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text)));
}

AppendFile::AppendFile(const fs::path& path)
    : path_(path),
      fd_(uninterrupted([&] { return ::open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC); })) {
  if (fd_ < 0) fail_with(path, "write", errno);
}

AppendFile::~AppendFile() {
  ::close(fd_);
}

void AppendFile::add(std::string_view text) {
  if (const int failed = write_all(fd_, std::as_bytes(std::span(text)))) fail_with(path_, "write", failed);
}

void AppendFile::sync() {
  if (const int failed = sync_file(fd_)) fail_with(path_, "write", failed);
}

MappedFile::MappedFile(const fs::path& path) {
  struct stat info {};
  const Descriptor file = open_to_read(path, O_NONBLOCK, info);  // a pipe must not block
  if (!S_ISREG(info.st_mode)) fail(path.string(), ": is not a regular file");
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) return;  // an empty file cannot be mapped and needs no mapping
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED) fail_with(path, "map", errno);
  mapping_ = std::shared_ptr<const void>(start, [size](const void* at) { ::munmap(const_cast<void*>(at), size); });
  bytes_ = {static_cast<const std::byte*>(start), size};
}

FileLock::FileLock(const fs::path& path) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (true) {
    fd_ = uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });  // pipes do not block
    if (fd_ < 0) fail_with(path, "open", errno);
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) {
      struct stat held {
      }, named{};
      if (::fstat(fd_, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
          held.st_dev == named.st_dev)
        return;
      // Replaced since it was opened: the new one is what counts.
    } else if (errno != EWOULDBLOCK && errno != EINTR) {
      return;
    }
    ::close(std::exchange(fd_, -1));
    if (std::chrono::steady_clock::now() > give_up)
      fail(path.string(), ": another process is working on it; wait until it has ended");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error && fs::is_directory(path)) return remove_leftovers(path);
  if (!error) error = std::make_error_code(std::errc::not_a_directory);
  fail_with(path, "make the folder", error.value());
}

}  // namespace iuf
