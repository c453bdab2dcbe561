#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "tensor/error.h"

// Reading a file from memory: what was taken is gone from `rest`, and no length is trusted.
namespace iuf {

using Bytes = std::span<const std::byte>;

inline std::string_view to_view(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The first `count` bytes. Throws Error naming `who` when there are fewer.
inline Bytes take(Bytes& rest, uint64_t count, const std::string& who) {
  if (count > rest.size())
    fail(who, ": needs ", count, " bytes, ", rest.size(), " are left: damaged, copy the file again");
  const Bytes taken = rest.first(count);
  rest = rest.subspan(count);
  return taken;
}

/// The little-endian number at the start of `bytes`, which are enough and may lie unaligned.
template <class T>
T load_number(Bytes bytes) {
  T value;
  std::memcpy(&value, bytes.first(sizeof value).data(), sizeof value);
  return value;
}
template <class T>
T take_number(Bytes& rest, const std::string& who) {
  return load_number<T>(take(rest, sizeof(T), who));
}

}  // namespace iuf
