#include "tensor/permute.h"

#include <algorithm>
#include <array>
#include <vector>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf::kernel {

Tensor permute(const Tensor& x, std::span<const int> order) {
  const int rank = x.rank();
  if (static_cast<int>(order.size()) != rank) fail("permute: ", order.size(), " axes for ", x.shape());
  std::array<int64_t, Shape::kMaxRank> strides{}, from{};
  std::array<bool, Shape::kMaxRank> used{};
  int64_t stride = 1;
  for (int i = rank - 1; i >= 0; --i) {
    strides[static_cast<size_t>(i)] = stride;
    stride *= x.dim(i);
  }
  std::vector<int64_t> dims;
  for (size_t i = 0; i < order.size(); ++i) {
    const int axis = order[i];
    if (axis < 0 || axis >= rank) fail("permute: there is no axis ", axis, " in ", x.shape());
    if (used[static_cast<size_t>(axis)]) fail("permute: axis ", axis, " of ", x.shape(), " is named twice");
    used[static_cast<size_t>(axis)] = true;
    dims.push_back(x.dim(axis));
    from[i] = strides[static_cast<size_t>(axis)];
  }
  Tensor y{Shape(dims)};
  if (rank == 0) return x.clone();
  const int64_t inner = dims.back(), stride_in = from[static_cast<size_t>(rank - 1)];
  const int64_t rows = inner ? y.size() / inner : 0;
  parallel_for(rows, std::max<int64_t>(1, kElementBlock / std::max<int64_t>(inner, 1)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r) {
                   int64_t rest = r, offset = 0;
                   for (int i = rank - 2; i >= 0; --i) {
                     offset += rest % dims[static_cast<size_t>(i)] * from[static_cast<size_t>(i)];
                     rest /= dims[static_cast<size_t>(i)];
                   }
                   const real* source = x.data() + offset;
                   real* target = y.data() + r * inner;
                   if (stride_in == 1) {
                     std::copy_n(source, inner, target);
                   } else {
                     for (int64_t i = 0; i < inner; ++i) target[i] = source[i * stride_in];
                   }
                 }
               });
  return y;
}

Tensor permute_naive(const Tensor& x, std::span<const int> order) {
  std::vector<int64_t> dims;
  for (const int axis : order) dims.push_back(x.dim(axis));
  Tensor y{Shape(dims)};
  for (int64_t i = 0; i < y.size(); ++i) {
    std::array<int64_t, Shape::kMaxRank> index{};  // of the element in x
    int64_t rest = i, at = 0;
    for (int axis = y.rank() - 1; axis >= 0; --axis) {
      index[static_cast<size_t>(order[static_cast<size_t>(axis)])] = rest % y.dim(axis);
      rest /= y.dim(axis);
    }
    for (int axis = 0; axis < x.rank(); ++axis) at = at * x.dim(axis) + index[static_cast<size_t>(axis)];
    y.data()[i] = x.data()[at];
  }
  return y;
}

Tensor concat(std::span<const Tensor> parts, int axis) {
  if (parts.empty()) fail("concat: no tensors");
  Shape shape = parts[0].shape();
  const int a = axis < 0 ? axis + shape.rank() : axis;
  int64_t total = 0;
  for (const Tensor& part : parts) {
    Shape expected = shape;
    expected.set(a, part.rank() == shape.rank() ? part.dim(a) : 0);
    if (!(expected == part.shape())) fail("concat: ", shape, " and ", part.shape(), " along axis ", axis);
    total += part.dim(a);
  }
  shape.set(a, total);
  Tensor y(shape);
  const int64_t outer = shape.size(0, a), inner = shape.size(a + 1, shape.rank());
  int64_t offset = 0;
  for (const Tensor& part : parts) {
    const int64_t run = part.dim(a) * inner;
    for (int64_t o = 0; o < outer; ++o) std::copy_n(part.data() + o * run, run, y.data() + o * total * inner + offset);
    offset += run;
  }
  return y;
}

Tensor slice(const Tensor& x, int axis, int64_t start, int64_t count) {
  const int a = axis < 0 ? axis + x.rank() : axis;
  const int64_t size = x.dim(a);
  if (start < 0 || count < 0 || start + count > size)
    fail("slice: [", start, ", ", start + count, ") of axis ", axis, " lies outside ", x.shape());
  Shape shape = x.shape();
  shape.set(a, count);
  if (a == 0) return x.rows(start, count);
  Tensor y(shape);
  const int64_t outer = shape.size(0, a), inner = shape.size(a + 1, shape.rank());
  for (int64_t o = 0; o < outer; ++o)
    std::copy_n(x.data() + (o * size + start) * inner, count * inner, y.data() + o * count * inner);
  return y;
}

Tensor patches(const Tensor& image, int64_t size) {
  const int64_t batch = image.dim(0), height = image.dim(1), width = image.dim(2), channels = image.dim(3);
  if (size < 1) fail("patches: of ", size, " x ", size, " pixels; the size must be at least 1");
  if (std::min(height, width) < size) fail("patches: ", image.shape(), " holds none of ", size, " x ", size, " pixels");
  if (size == 1) return image;
  const int64_t down = height / size, across = width / size;
  Tensor y({batch, down, across, channels * size * size});
  parallel_for(batch * down, 1, [&](int64_t row, int64_t) {
    const int64_t b = row / down, i = row % down;
    for (int64_t j = 0; j < across; ++j) {
      real* out = y.data() + (row * across + j) * channels * size * size;
      for (int64_t ky = 0; ky < size; ++ky) {
        const real* in = image.data() + ((b * height + i * size + ky) * width + j * size) * channels;
        for (int64_t kx = 0; kx < size; ++kx)
          for (int64_t c = 0; c < channels; ++c) out[(c * size + ky) * size + kx] = in[kx * channels + c];
      }
    }
  });
  return y;
}

}  // namespace iuf::kernel
