#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// Hashes of content, none of them cryptographic. Files keep their values, so they never change.
namespace iuf {

constexpr uint64_t kFnvOffset = 0xcbf29ce484222325u;

/// FNV-1a, byte by byte. hash: that of what stands before `text`.
constexpr uint64_t fnv1a(std::string_view text, uint64_t hash = kFnvOffset) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

/// Word by word, for whole files; other seeds give independent hashes.
uint64_t hash_bytes(std::span<const std::byte> bytes, uint64_t seed = 0);

}  // namespace iuf
