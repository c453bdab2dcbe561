#include "nn/hash.h"

#include <cstring>

#include "tensor/random.h"

namespace iuf {

uint64_t hash_bytes(std::span<const std::byte> bytes, uint64_t seed) {
  uint64_t h = mix_key(seed, bytes.size());
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    h = mix_key(h, word);
  }
  uint64_t rest = 0;
  if (i < bytes.size()) std::memcpy(&rest, bytes.data() + i, bytes.size() - i);  // no bytes may have no address
  return mix_key(h, rest);
}

}  // namespace iuf
