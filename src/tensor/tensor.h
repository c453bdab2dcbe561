#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tensor/real.h"
#include "tensor/shape.h"

namespace iuf {

/// A contiguous, row-major array of `real` on 64-byte aligned, cached memory.
/// Copying a Tensor aliases its storage, reshape() is free, clone() copies. Only kernels write.
class Tensor {
 public:
  Tensor() = default;                   // no storage: defined() is false
  explicit Tensor(const Shape& shape);  // uninitialised
  Tensor(const Shape& shape, std::span<const real> values);

  static Tensor zeros(const Shape& shape);
  static Tensor full(const Shape& shape, real value);
  static Tensor scalar(real value) { return full({}, value); }

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t dim(int axis) const { return shape_.dim(axis); }
  int64_t size() const { return size_; }

  real* data() { return storage_.get() + offset_; }
  const real* data() const { return storage_.get() + offset_; }
  std::span<real> span() { return {data(), static_cast<size_t>(size_)}; }
  std::span<const real> span() const { return {data(), static_cast<size_t>(size_)}; }

  /// The same storage under another shape of equal size. One axis may be -1.
  Tensor reshape(std::initializer_list<int64_t> dims) const;
  Tensor reshape(const Shape& shape) const;
  /// The same storage: `count` entries of the first axis from `start`.
  Tensor rows(int64_t start, int64_t count) const;
  Tensor clone() const;
  /// The value of a tensor with one element; throws Error otherwise.
  real item() const;
  /// True when other Tensors alias this storage: then it must not be written in place.
  bool shared() const { return storage_.use_count() > 1; }

 private:
  std::shared_ptr<real> storage_;
  int64_t offset_ = 0;
  int64_t size_ = 0;
  Shape shape_;
};

}  // namespace iuf
