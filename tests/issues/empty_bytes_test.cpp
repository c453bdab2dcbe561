#include <catch2/catch.hpp>

#include "nn/hash.h"

// An empty file has no address: what hashed it copied no bytes from nowhere, which the undefined-behaviour sanitizer
// reports (make sanitize).
namespace iuf {

TEST_CASE("No bytes have a hash, with an address and without") {
  const std::byte one[1] = {};
  const std::span<const std::byte> nowhere, somewhere(one, 0);
  CHECK(hash_bytes(nowhere) == hash_bytes(somewhere));
  CHECK(hash_bytes(nowhere, 7) == hash_bytes(somewhere, 7));
  CHECK(hash_bytes(nowhere) != hash_bytes(one));
}

}  // namespace iuf
