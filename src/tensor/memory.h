#pragma once

#include <cstddef>
#include <memory>

namespace iuf {

/// A block of `bytes`, 64-byte aligned. Freed blocks are kept and handed out again for their size or up to a fifth
/// less, so that a steady training step neither maps memory nor faults pages. Thread-safe. Throws Error when memory is
/// exhausted, or would be: a system that promises more than it has kills whoever uses it.
std::shared_ptr<void> allocate_block(size_t bytes);

struct MemoryUse {
  size_t live = 0;    // handed out now
  size_t cached = 0;  // kept for reuse
  size_t peak = 0;    // largest live + cached so far
};
MemoryUse memory_use();
/// Bytes that this process could still use: what the system and the process's group of processes have left, without
/// what they can give up, swap included. The largest number where nobody says.
size_t available_memory();
/// Gives all cached blocks back to the system.
void release_cached_memory();

}  // namespace iuf
