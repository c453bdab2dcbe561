#pragma once

#include <cstddef>
#include <memory>

namespace iuf {

/// A block of `bytes`, 64-byte aligned. Freed blocks are kept and handed out again for their size or up to a fifth
/// less, so that a steady training step neither maps memory nor faults pages. Thread-safe. Throws Error when memory is
/// exhausted. A block larger than what is available is refused at once: Linux would grant it, and kill the process when
/// it is written.
std::shared_ptr<void> allocate_block(size_t bytes);

struct MemoryUse {
  size_t live = 0;    // handed out now
  size_t cached = 0;  // kept for reuse
  size_t peak = 0;    // largest live + cached so far
};
MemoryUse memory_use();
/// Bytes that this process could still use, swap included: the smaller of what the system and the process's control
/// group have left, counting caches that they can drop. The largest number where neither tells.
size_t available_memory();
/// Gives all cached blocks back to the system.
void release_cached_memory();

}  // namespace iuf
