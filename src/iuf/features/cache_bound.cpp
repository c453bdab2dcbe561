#include "iuf/features/cache_bound.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <vector>

namespace iuf {

namespace fs = std::filesystem;

namespace {

struct Entry {
  fs::path path;
  fs::file_time_type used;
  uint64_t bytes;
};

// Files that go away meanwhile are left out.
std::vector<Entry> entries_of(const fs::path& root) {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;
    if (!it->is_regular_file(gone)) continue;
    const auto used = it->last_write_time(gone);
    if (gone) continue;
    if (const uint64_t bytes = it->file_size(gone); !gone) entries.push_back({it->path(), used, bytes});
  }
  return entries;
}

}  // namespace

CacheBound::CacheBound(const CachePlace& place)
    : root_(place.folder.value_or(fs::path())), most_(place.most_bytes), begin_(fs::file_time_type::clock::now()) {}

std::optional<CacheBound::Room> CacheBound::admit(uint64_t bytes) {
  constexpr uint64_t kParts = 32;
  const std::lock_guard lock(mutex_);
  if (bytes > most_) return std::nullopt;
  if (!looked_ || total_ + pending_ + bytes > most_ || unseen_ > most_ / kParts) make_room(pending_ + bytes);
  if (total_ + pending_ + bytes > most_) return std::nullopt;
  pending_ += bytes;
  return std::optional<Room>(std::in_place, *this, bytes);
}

void CacheBound::written(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  pending_ -= bytes;
  total_ += bytes;
  unseen_ += bytes;
}

void CacheBound::make_room(uint64_t bytes) {
  std::vector<Entry> entries = entries_of(root_);
  total_ = unseen_ = 0;
  looked_ = true;
  for (const Entry& entry : entries) total_ += entry.bytes;
  if (total_ + bytes <= most_) return;
  std::ranges::sort(entries, {}, &Entry::used);
  const uint64_t wanted = most_ - std::min(std::max(bytes, most_ / 16), most_);  // some room at once
  for (const Entry& entry : entries) {
    if (total_ <= wanted || entry.used >= begin_) break;
    if (entry.path.extension() != ".safetensors") continue;  // being written, or nothing of ours
    std::error_code gone;
    fs::remove(entry.path, gone);
    if (!gone) total_ -= entry.bytes;
  }
}

void CacheBound::use(const fs::path& file) {
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 0, .tv_nsec = UTIME_NOW}};
  ::utimensat(AT_FDCWD, file.c_str(), times, 0);  // of another user's files it is not known
}

}  // namespace iuf
