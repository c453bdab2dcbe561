#pragma once

// What a struct's visit() says of its fields (iuf/data/json_fields.h), without the JSON library, so that headers which
// many files include stay light.
namespace iuf {

/// Bounds of a number, or of all numbers in a list.
struct Range {
  double low, high;
};
inline constexpr Range kFraction{-1e-9, 1 + 1e-9};  // with room for rounding
inline constexpr Range kChange{-1 - 1e-9, 1 + 1e-9};
inline constexpr Range kCount{0, 9e15};

/// The key may be absent, as in files of other versions: the member then keeps its value.
struct MayLack {};
inline constexpr MayLack kMayLack;

/// The key of an empty list is left out.
struct UnlessEmpty {};
inline constexpr UnlessEmpty kUnlessEmpty;

/// A bool that is written as 0 or 1.
struct ZeroOrOne {};
inline constexpr ZeroOrOne kZeroOrOne;

}  // namespace iuf
