#include "tensor/tensor.h"

#include <algorithm>

#include "tensor/error.h"
#include "tensor/memory.h"

namespace iuf {

Tensor::Tensor(const Shape& shape) : size_(shape.size()), shape_(shape) {
  storage_ = std::static_pointer_cast<real>(allocate_block(static_cast<size_t>(size_) * sizeof(real)));
}

Tensor::Tensor(const Shape& shape, std::span<const real> values) : Tensor(shape) {
  if (static_cast<int64_t>(values.size()) != size_) fail("tensor: ", values.size(), " values for ", shape);
  std::copy(values.begin(), values.end(), data());
}

Tensor Tensor::zeros(const Shape& shape) {
  return full(shape, 0);
}

Tensor Tensor::full(const Shape& shape, real value) {
  Tensor t(shape);
  std::fill_n(t.data(), t.size(), value);
  return t;
}

Tensor Tensor::reshape(std::initializer_list<int64_t> dims) const {
  std::vector<int64_t> sizes(dims);
  int64_t known = 1;
  int64_t* free_axis = nullptr;
  for (int64_t& d : sizes) {
    if (d == -1 && !free_axis) {
      free_axis = &d;
    } else {
      known *= d;
    }
  }
  if (free_axis) *free_axis = known ? size_ / known : 0;
  return reshape(Shape(sizes));
}

Tensor Tensor::reshape(const Shape& shape) const {
  if (shape.size() != size_) fail("reshape: ", shape_, " has ", size_, " elements and cannot become ", shape);
  Tensor t = *this;
  t.shape_ = shape;
  return t;
}

Tensor Tensor::rows(int64_t start, int64_t count) const {
  if (rank() < 1) fail("rows: ", shape_, " has no axis");
  if (start < 0 || count < 0 || start + count > dim(0))
    fail("rows: [", start, ", ", start + count, ") lies outside ", shape_);
  Tensor t = *this;
  const int64_t stride = shape_.size(1, rank());
  t.offset_ += start * stride;
  t.size_ = count * stride;
  t.shape_.set(0, count);
  return t;
}

Tensor Tensor::clone() const {
  Tensor t(shape_);
  std::copy_n(data(), size_, t.data());
  return t;
}

real Tensor::item() const {
  if (size_ != 1) fail("item: a tensor of shape ", shape_, " is not a single value");
  return data()[0];
}

}  // namespace iuf
