// Catch2 3 by the names of Catch2 2, in which the tests are written.
#pragma once

#include <catch2/catch_all.hpp>
#include <concepts>
#include <string>

using Catch::Approx;

namespace Catch {
namespace Matchers {

// Here of a text: that of version 3 is of a range's elements.
template <typename T>
requires std::convertible_to<T, std::string> StringContainsMatcher Contains(T&& text) {
  return ContainsSubstring(std::forward<T>(text));
}

}  // namespace Matchers

using Matchers::Contains;
using Matchers::StartsWith;

}  // namespace Catch
