#pragma once

#include <cstdint>
#include <vector>

#include "iuf/synthetic/data_set.h"

namespace iuf {

constexpr uint64_t kHashStart = 0xCBF29CE484222325U;

/// FNV-1a, 64 bits.
inline uint64_t synth_hash(const std::vector<uint8_t>& bytes, uint64_t start) {
  for (const uint8_t byte : bytes) start = (start ^ byte) * 0x100000001B3U;
  return start;
}
/// Of the picture, then of its mask.
inline uint64_t synth_hash(const SynthImage& picture) {
  return synth_hash(picture.mask.pixels, synth_hash(picture.image.pixels, kHashStart));
}

}  // namespace iuf
