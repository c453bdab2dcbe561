#include <algorithm>
#include <vector>

#include "autograd/ops.h"
#include "tensor/error.h"
#include "tensor/permute.h"

namespace iuf {

Var reshape(const Var& x, const Shape& shape) {
  return record("reshape", x.value().reshape(shape), {x},
                [x](const Tensor& dy) { x.accumulate(dy.reshape(x.shape())); });
}

Var permute(const Var& x, const std::vector<int>& order) {
  return record("permute", kernel::permute(x.value(), order), {x}, [x, order](const Tensor& dy) {
    std::vector<int> back(order.size());
    for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int>(i);
    x.accumulate(kernel::permute(dy, back));
  });
}

Var concat(const std::vector<Var>& parts, int axis) {
  std::vector<Tensor> values;
  for (const Var& part : parts) values.push_back(part.value());
  return record("concat", kernel::concat(values, axis), parts, [parts, axis](const Tensor& dy) {
    int64_t start = 0;
    for (const Var& part : parts) {
      const int64_t count = part.dim(axis);
      if (part.requires_grad()) part.accumulate(kernel::slice(dy, axis, start, count));
      start += count;
    }
  });
}

Var slice(const Var& x, int axis, int64_t start, int64_t count) {
  return record("slice", kernel::slice(x.value(), axis, start, count), {x}, [x, axis, start, count](const Tensor& dy) {
    if (axis == 0) return x.accumulate_rows(dy, start);
    const int64_t rest = x.dim(axis) - start - count;
    Shape before = x.shape(), after = x.shape();
    before.set(axis, start);
    after.set(axis, rest);
    const Tensor parts[] = {Tensor::zeros(before), dy, Tensor::zeros(after)};
    x.accumulate(kernel::concat(parts, axis));
  });
}

Var broadcast_to(const Var& x, const Shape& shape) {
  return record("broadcast_to", kernel::broadcast_to(x.value(), shape), {x},
                [x](const Tensor& dy) { x.accumulate(kernel::sum_to(dy, x.shape())); });
}

Var embedding(const Var& table, const std::vector<int64_t>& indices) {
  const int64_t rows = table.dim(0), columns = table.dim(1);
  Tensor y({static_cast<int64_t>(indices.size()), columns});
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < 0 || indices[i] >= rows) fail("embedding: index ", indices[i], " into a table of ", table.shape());
    std::copy_n(table.value().data() + indices[i] * columns, columns, y.data() + static_cast<int64_t>(i) * columns);
  }
  return record("embedding", y, {table}, [table, indices, columns](const Tensor& dy) {
    Tensor gradient = Tensor::zeros(table.shape());
    for (size_t i = 0; i < indices.size(); ++i)
      for (int64_t c = 0; c < columns; ++c)
        gradient.data()[indices[i] * columns + c] += dy.data()[static_cast<int64_t>(i) * columns + c];
    table.accumulate(gradient);
  });
}

}  // namespace iuf
