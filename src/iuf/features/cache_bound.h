#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace iuf {

inline constexpr uint64_t kDefaultCacheBytes = uint64_t{20} << 30;

/// Where features are kept, and how many bytes of them at most.
struct CachePlace {
  std::optional<std::filesystem::path> folder = {};  // none: the command's own
  uint64_t most_bytes = kDefaultCacheBytes;

  CachePlace() = default;
  template <class Folder>
  requires std::is_convertible_v<const Folder&, std::filesystem::path> CachePlace(const Folder& f) : folder(f) {}
  CachePlace or_in(const std::filesystem::path& fallback) const {
    CachePlace place = *this;
    if (!place.folder) place.folder = fallback;
    return place;
  }
};

/// Keeps the files of a folder, and of those below it, within a number of bytes: before one more is written, those go
/// that were not used for longest. Files that any process has used since this was made stay: who needs its own files
/// again and again would otherwise remove each before its turn comes. Any number of processes may share a folder; what
/// others write is seen after a thirty-second of the bytes were written here, so that together they may be above it by
/// as much each. Thread-safe.
class CacheBound {
 public:
  explicit CacheBound(const CachePlace& place);
  /// Room for a file of about so many bytes, which is being written as long as this is there. Must not outlive the
  /// bound.
  class Room {
   public:
    Room(CacheBound& bound, uint64_t bytes) : bound_(&bound), bytes_(bytes) {}
    Room(Room&& other) noexcept : bound_(std::exchange(other.bound_, nullptr)), bytes_(other.bytes_) {}
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    ~Room() {
      if (bound_) bound_->written(bytes_);
    }

   private:
    CacheBound* bound_;
    uint64_t bytes_;
  };
  /// None: the file must not be written.
  std::optional<Room> admit(uint64_t bytes);
  uint64_t most_bytes() const { return most_; }
  /// Notes that a file is used now.
  static void use(const std::filesystem::path& file);

 private:
  void make_room(uint64_t bytes);
  void written(uint64_t bytes);

  const std::filesystem::path root_;
  const uint64_t most_;
  const std::filesystem::file_time_type begin_;
  std::mutex mutex_ = {};
  uint64_t total_ = 0, unseen_ = 0;  // as far as is known; that were written since the folder was looked at
  uint64_t pending_ = 0;             // that are being written here, and need not be in the folder yet
  bool looked_ = false;
};

}  // namespace iuf
