#include "tensor/memory.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include "tensor/error.h"

namespace iuf {
namespace {

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

MemoryUse memory_use() { return cache().use(); }
void release_cached_memory() { cache().release(); }

}  // namespace iuf
