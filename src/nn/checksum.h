#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nn/hash.h"

namespace iuf {

/// A hash as files have it: 16 hexadecimal digits.
inline std::string hex_digits(uint64_t hash) {
  std::string digits(16, '0');
  for (size_t i = digits.size(); i-- > 0; hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
  return digits;
}

/// What tells whether a text is still the one that was written.
inline std::string checksum_of(std::string_view text) {
  return hex_digits(hash_bytes(std::as_bytes(std::span(text))));
}

}  // namespace iuf
