#include "tensor/memory.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tensor/error.h"

namespace iuf {
namespace {

constexpr size_t kReserve = size_t{128} << 20;  // bytes that large blocks leave to the rest of the program
constexpr size_t kLarge = size_t{16} << 20;

// The number after `key` in a system file of lines, or after nothing in one that holds it alone.
std::optional<size_t> number_in(const char* path, std::string_view key = "") {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const char* const end = line.data() + line.size();
    const char* const begin =
        std::find_if(static_cast<const char*>(line.data()) + key.size(), end, [](char c) { return c != ' '; });
    size_t value = 0;
    if (std::from_chars(begin, end, value).ec == std::errc()) return value;
  }
  return std::nullopt;
}

class BlockCache {
 public:
  struct Block {
    void* start;
    size_t size;
  };

  Block take(size_t size) {
    const std::lock_guard lock(mutex_);
    void* block = nullptr;
    // A little larger will do: batches of two sizes then share their blocks.
    auto fitting = free_.lower_bound(size);
    while (fitting != free_.end() && fitting->first <= size + size / 4 && fitting->second.empty()) ++fitting;
    if (fitting != free_.end() && fitting->first <= size + size / 4) {
      block = fitting->second.back();
      fitting->second.pop_back();
      size = fitting->first;
      use_.cached -= size;
    } else {
      require_memory(size);
      block = std::aligned_alloc(64, size);
      if (!block) {
        release_locked();
        block = std::aligned_alloc(64, size);
      }
      if (!block) fail("memory: cannot allocate ", size, " bytes (", use_.live, " in use); use a smaller batch");
    }
    use_.live += size;
    use_.peak = std::max(use_.peak, use_.live + use_.cached);
    return {block, size};
  }
  void give(void* block, size_t size) noexcept {
    const std::lock_guard lock(mutex_);
    use_.live -= size;
    try {
      free_[size].push_back(block);
      use_.cached += size;
    } catch (const std::bad_alloc&) {
      std::free(block);
    }
  }
  MemoryUse use() {
    const std::lock_guard lock(mutex_);
    return use_;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    release_locked();
  }

 private:
  // Looks at what is free whenever half of what it saw last is used up.
  void require_memory(size_t size) {
    if (size > unchecked_) {
      const size_t needed = size + (size < kLarge ? 0 : kReserve);
      size_t available = available_memory();
      if (needed > available) {
        release_locked();
        available = available_memory();
      }
      if (needed > available)
        fail("memory: ", (size >> 20) + 1, " MiB more do not fit into the ", available >> 20, " MiB that are free (",
             use_.live >> 20, " MiB in use); use a smaller batch, or free memory");
      unchecked_ = (available - std::min(available, kReserve)) / 2;
    }
    unchecked_ -= std::min(unchecked_, size);
  }
  void release_locked() {
    for (auto& [size, blocks] : free_) {
      for (void* block : blocks) std::free(block);
      blocks.clear();
    }
    use_.cached = 0;
  }
  std::mutex mutex_;
  std::map<size_t, std::vector<void*>> free_;
  MemoryUse use_;
  size_t unchecked_ = 0;  // bytes that may be allocated before looking again
};

BlockCache& cache() {
  static BlockCache* instance = new BlockCache;  // never destroyed: tensors with static lifetime may outlive main
  return *instance;
}

// Eighths of a power of two: at most 12.5 % waste above 1 KiB, and few enough sizes that blocks are found again.
size_t rounded(size_t bytes) {
  if (bytes <= 1024) return bytes <= 64 ? 64 : (bytes + 63) / 64 * 64;
  const size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

}  // namespace

std::shared_ptr<void> allocate_block(size_t bytes) {
  const auto [start, size] = cache().take(rounded(bytes));
  return {start, [size = size](void* block) { cache().give(block, size); }};
}

size_t available_memory() {
  size_t available = std::numeric_limits<size_t>::max();
  if (const auto system = number_in("/proc/meminfo", "MemAvailable:"))
    available = 1024 * (*system + number_in("/proc/meminfo", "SwapFree:").value_or(0));
  if (const auto most = number_in("/sys/fs/cgroup/memory.max")) {  // "max" where there is no limit
    const size_t used = number_in("/sys/fs/cgroup/memory.current").value_or(0);
    size_t reclaimable = 0;
    for (const char* key : {"inactive_file ", "active_file ", "slab_reclaimable "})
      reclaimable += number_in("/sys/fs/cgroup/memory.stat", key).value_or(0);
    const size_t held = used - std::min(used, reclaimable);
    available = std::min(available, *most - std::min(*most, held));
  }
  return available;
}

MemoryUse memory_use() {
  return cache().use();
}
void release_cached_memory() {
  cache().release();
}

}  // namespace iuf
