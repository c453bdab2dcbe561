#include "tensor/reduce.h"

#include <algorithm>
#include <vector>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/row_kernels.h"

namespace iuf::kernel {

double sum(const Tensor& x) {
  return parallel_sum(x.size(), kElementBlock, [&](int64_t b, int64_t e) { return sum_row(x.data() + b, e - b); });
}

double sum_of_squares(const Tensor& x) {
  return parallel_sum(x.size(), kElementBlock,
                      [&](int64_t b, int64_t e) { return sum_of_squares_row(x.data() + b, e - b); });
}

double sum_of_squared_differences(const Tensor& x, const Tensor& y) {
  if (x.size() != y.size()) fail("sum_of_squared_differences: ", x.shape(), " and ", y.shape(), ": sizes differ");
  return parallel_sum(x.size(), kElementBlock,
                      [&](int64_t b, int64_t e) { return squared_difference_row(x.data() + b, y.data() + b, e - b); });
}

Tensor sum_axis(const Tensor& x, int axis) {
  const int a = axis < 0 ? axis + x.rank() : axis;
  const int64_t count = x.dim(a), outer = x.shape().size(0, a), inner = x.shape().size(a + 1, x.rank());
  std::vector<int64_t> dims(x.shape().begin(), x.shape().end());
  dims.erase(dims.begin() + a);
  Tensor y = Tensor::zeros(Shape(dims));
  if (inner == 1) {
    parallel_for(outer, std::max<int64_t>(1, kElementBlock / std::max<int64_t>(count, 1)), [&](int64_t b, int64_t e) {
      for (int64_t o = b; o < e; ++o) y.data()[o] = static_cast<real>(sum_row(x.data() + o * count, count));
    });
  } else if (outer == 1) {
    return column_sum(x.reshape({count, inner})).reshape(Shape(dims));
  } else {
    parallel_for(outer, std::max<int64_t>(1, kElementBlock / std::max<int64_t>(count * inner, 1)),
                 [&](int64_t b, int64_t e) {
                   for (int64_t o = b; o < e; ++o)
                     for (int64_t i = 0; i < count; ++i)
                       add_row(y.data() + o * inner, x.data() + (o * count + i) * inner, inner);
                 });
  }
  return y;
}

Tensor column_sum(const Tensor& x) {
  const int64_t columns = x.dim(-1), rows = columns ? x.size() / columns : 0;
  const int64_t block = std::max<int64_t>(64, kElementBlock / std::max<int64_t>(columns, 1));
  const int64_t blocks = std::max<int64_t>(1, (rows + block - 1) / block);
  Tensor parts = Tensor::zeros({blocks, columns});
  parallel_for(rows, block, [&](int64_t b, int64_t e) {
    real* part = parts.data() + b / block * columns;
    for (int64_t r = b; r < e; ++r) add_row(part, x.data() + r * columns, columns);
  });
  for (int64_t i = 1; i < blocks; ++i) add_row(parts.data(), parts.data() + i * columns, columns);
  return blocks == 1 ? parts.reshape({columns}) : parts.rows(0, 1).clone().reshape({columns});
}

}  // namespace iuf::kernel
