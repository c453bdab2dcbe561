#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "tensor/error.h"

namespace iuf {

/// Calls `read` with every file that differs from `bytes` in one byte (three ways), and with every truncation of it.
/// Each must be read or throw Error; anything else fails the test. Returns how many were refused.
inline size_t read_damaged(std::span<const std::byte> bytes,
                           const std::function<void(std::span<const std::byte>)>& read) {
  size_t refused = 0;
  const auto attempt = [&](const std::vector<std::byte>& damaged, size_t at) {
    try {
      read(damaged);
    } catch (const Error&) {
      ++refused;
    } catch (const std::exception& error) {
      FAIL_CHECK("damaged at byte " << at << ": " << error.what());
    }
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

}  // namespace iuf
