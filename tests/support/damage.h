#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "support/dice.h"
#include "tensor/error.h"

namespace iuf {

namespace damage {

/// False if it was refused with an Error; anything else that is thrown fails the test.
inline bool is_read(std::span<const std::byte> damaged, const std::function<void(std::span<const std::byte>)>& read,
                    size_t at) {
  try {
    read(damaged);
    return true;
  } catch (const Error&) {
  } catch (const std::exception& error) {
    FAIL_CHECK("damaged at byte " << at << ": " << error.what());
  }
  return false;
}

}  // namespace damage

/// Calls `read` with every file that differs from `bytes` in one byte (three ways), and with every truncation of it.
/// Each must be read or throw Error; anything else fails the test. Returns how many were refused.
inline size_t read_damaged(std::span<const std::byte> bytes,
                           const std::function<void(std::span<const std::byte>)>& read) {
  size_t refused = 0;
  const auto attempt = [&](const std::vector<std::byte>& damaged, size_t at) {
    refused += !damage::is_read(damaged, read, at);
  };
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::vector<std::byte> damaged(bytes.begin(), bytes.end());
    for (const auto mask : {std::byte{0x01}, std::byte{0x80}, std::byte{0xff}}) {
      damaged[at] = bytes[at] ^ mask;
      attempt(damaged, at);
    }
    attempt({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at)}, at);
  }
  return refused;
}

/// The same with `count` files in which one to four bytes were drawn anew, and with every sixteenth truncation. For
/// files and readers that are too slow for all.
inline size_t read_mutated(std::span<const std::byte> bytes, int count,
                           const std::function<void(std::span<const std::byte>)>& read) {
  size_t refused = 0;
  Dice dice(static_cast<uint32_t>(bytes.size()));
  for (int i = 0; i < count; ++i) {
    std::vector<std::byte> damaged(bytes.begin(), bytes.end());
    size_t at = 0;
    for (uint32_t changes = 1 + dice.below(4); changes > 0; --changes)
      damaged[at = dice.below(static_cast<uint32_t>(bytes.size()))] = static_cast<std::byte>(dice.below(256));
    refused += !damage::is_read(damaged, read, at);
  }
  for (size_t i = 0; i < 16; ++i) refused += !damage::is_read(bytes.first(bytes.size() * i / 16), read, i);
  return refused;
}

}  // namespace iuf
