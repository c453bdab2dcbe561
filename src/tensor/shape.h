#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string>

namespace iuf {

/// The sizes of a tensor's axes, outermost first; at most 6 axes. A rank of 0 is a scalar with one element.
class Shape {
 public:
  static constexpr int kMaxRank = 6;
  static constexpr int64_t kMaxSize = int64_t{1} << 56;  // elements: their bytes are still a number

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims);
  explicit Shape(std::span<const int64_t> dims);

  int rank() const { return rank_; }
  /// Size of an axis; negative axes count from the end. Throws Error when there is no such axis.
  int64_t dim(int axis) const;
  int64_t operator[](int axis) const { return dim(axis); }
  void set(int axis, int64_t size);
  /// Number of elements; throws Error above kMaxSize.
  int64_t size() const;
  const int64_t* begin() const { return dims_.data(); }
  const int64_t* end() const { return dims_.data() + rank_; }
  /// The product of the axes [from, to).
  int64_t size(int from, int to) const;

  bool operator==(const Shape& other) const;
  std::string text() const;

 private:
  std::array<int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

/// NumPy's broadcasting rule; throws Error naming both shapes when they do not match.
Shape broadcast_shape(const Shape& a, const Shape& b);

std::ostream& operator<<(std::ostream& out, const Shape& shape);  // prints [2, 3]

}  // namespace iuf
