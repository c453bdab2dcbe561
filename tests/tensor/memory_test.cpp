#include "tensor/memory.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace iuf;

TEST_CASE("memory: a freed block serves its size and up to a fifth less, and no other") {
  constexpr size_t kSize = size_t{1} << 24;
  release_cached_memory();
  std::shared_ptr<void> block = allocate_block(kSize);
  const void* const start = block.get();
  const MemoryUse before = memory_use();
  block.reset();
  CHECK(memory_use().cached == kSize);
  CHECK(memory_use().live == before.live - kSize);

  const auto takes_it = [&](size_t size) {
    const std::shared_ptr<void> other = allocate_block(size);
    const bool same = other.get() == start;
    CHECK(memory_use().cached == (same ? 0 : kSize));
    CHECK(memory_use().live - (before.live - kSize) >= size);
    return same;
  };
  CHECK(takes_it(kSize));
  CHECK(takes_it(kSize - kSize / 8));
  CHECK(takes_it(kSize - kSize / 5));
  CHECK_FALSE(takes_it(kSize + 1));
  release_cached_memory();
  CHECK(memory_use().cached == 0);
}

TEST_CASE("memory: a much smaller request leaves a kept block alone") {
  constexpr size_t kSize = size_t{1} << 24;
  release_cached_memory();
  allocate_block(kSize).reset();
  const std::shared_ptr<void> half = allocate_block(kSize / 2);
  CHECK(memory_use().cached == kSize);
  release_cached_memory();
}

TEST_CASE("memory: what the system would have to kill for is refused before it is used") {
  const size_t available = available_memory();
  REQUIRE(available > 0);
  if (available < size_t{1} << 40) {
    const size_t before = memory_use().live;
    CHECK_THROWS_WITH(allocate_block(available + (size_t{1} << 30)),
                      Catch::Matchers::Contains("do not fit into") && Catch::Matchers::Contains("smaller batch"));
    CHECK(memory_use().live == before);
  }
}

TEST_CASE("memory: more than there is is an error that says what to do") {
  CHECK_THROWS_WITH(allocate_block(size_t{1} << 60),
                    Catch::Matchers::Contains("memory: ") && Catch::Matchers::Contains("smaller batch"));
}
