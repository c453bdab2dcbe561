#include "tensor/shape.h"

#include <algorithm>
#include <sstream>

#include "tensor/error.h"

namespace iuf {

Shape::Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const int64_t> dims) {
  if (dims.size() > kMaxRank) fail("shape: ", dims.size(), " axes; at most ", kMaxRank, " are supported");
  rank_ = static_cast<int>(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0) fail("shape: axis ", i, " has the negative size ", dims[i]);
    dims_[i] = dims[i];
  }
}

int64_t Shape::dim(int axis) const {
  const int a = axis < 0 ? axis + rank_ : axis;
  if (a < 0 || a >= rank_) fail("shape: no axis ", axis, " in ", *this);
  return dims_[static_cast<size_t>(a)];
}

void Shape::set(int axis, int64_t size) {
  dim(axis);
  dims_[static_cast<size_t>(axis < 0 ? axis + rank_ : axis)] = size;
}

int64_t Shape::size() const {
  return size(0, rank_);
}

int64_t Shape::size(int from, int to) const {
  int64_t n = 1;
  for (int i = from; i < to; ++i) {
    const int64_t d = dims_[static_cast<size_t>(i)];
    if (d != 0 && n > kMaxSize / d) fail("shape: ", *this, " has more than 2^56 elements");
    n *= d;
  }
  return n;
}

bool Shape::operator==(const Shape& other) const {
  return rank_ == other.rank_ && std::equal(begin(), end(), other.begin());
}

std::string Shape::text() const {
  std::ostringstream out;
  out << *this;
  return out.str();
}

Shape broadcast_shape(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::array<int64_t, Shape::kMaxRank> dims{};
  for (int i = 0; i < rank; ++i) {
    const int ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
    const int64_t da = ia < 0 ? 1 : a.dim(ia), db = ib < 0 ? 1 : b.dim(ib);
    if (da != db && da != 1 && db != 1) fail("broadcast: ", a, " and ", b, " differ at axis ", i - rank);
    dims[static_cast<size_t>(i)] = da == 1 ? db : da;
  }
  return Shape(std::span<const int64_t>(dims.data(), static_cast<size_t>(rank)));
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  out << '[';
  for (int i = 0; i < shape.rank(); ++i) out << (i ? ", " : "") << shape.dim(i);
  return out << ']';
}

}  // namespace iuf
