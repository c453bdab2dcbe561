#include "iuf/live/arrivals.h"

#include <catch2/catch.hpp>

using namespace iuf;

namespace {

constexpr Arrivals::Time at(int milliseconds) {
  return Arrivals::Time(std::chrono::milliseconds(milliseconds));
}

}  // namespace

TEST_CASE("a file is complete when it was closed, or when it stays as it is", "[live]") {
  Arrivals arrivals(std::chrono::milliseconds(100));
  arrivals.closed("closed");
  CHECK(arrivals.next() == "closed");
  arrivals.seen("a", {1, 1}, at(0));
  arrivals.seen("a", {2, 1}, at(90));  // it grew
  CHECK(arrivals.next_look() == at(190));
  arrivals.seen("a", {2, 1}, at(180));
  CHECK_FALSE(arrivals.next());
  CHECK(arrivals.settling() == std::vector<std::string>{"a"});
  arrivals.seen("a", {2, 1}, at(190));
  CHECK(arrivals.next() == "a");
  CHECK(arrivals.empty());
}

TEST_CASE("a file that somebody writes to is not complete, however long it stays as it is", "[live]") {
  Arrivals arrivals(std::chrono::milliseconds(100));
  arrivals.written("a");
  arrivals.seen("a", {1, 1}, at(0));
  arrivals.seen("a", {1, 1}, at(1000));
  CHECK(arrivals.empty());
  arrivals.closed("a");
  arrivals.written("a");  // again, before it was taken
  CHECK_FALSE(arrivals.next());
  arrivals.closed("a");
  arrivals.closed("a");
  CHECK(arrivals.next() == "a");
  CHECK_FALSE(arrivals.next());
}

TEST_CASE("a file that is gone does not settle, and one that was incomplete settles again", "[live]") {
  Arrivals arrivals(std::chrono::milliseconds(100));
  arrivals.seen("a", {1, 1}, at(0));
  arrivals.gone("a");
  CHECK(arrivals.empty());
  arrivals.again("b", {1, 1}, at(50));
  arrivals.seen("b", {1, 1}, at(140));
  CHECK_FALSE(arrivals.next());
  arrivals.seen("b", {1, 1}, at(150));
  CHECK(arrivals.next() == "b");
}
