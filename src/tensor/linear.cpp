#include "tensor/linear.h"

#include <algorithm>

#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/panels.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

IUF_SIMD void add_bias(real* y, const real* bias, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < n; ++i) y[r * n + i] += bias[i];
}

// to += the sums of the columns; `sums` is for as many values.
IUF_SIMD void add_column_sums(const real* matrix, int64_t rows, int64_t columns, int64_t step, real* sums, real* to) {
  for (int64_t i = 0; i < columns; ++i) sums[i] = matrix[i];
  for (int64_t r = 1; r < rows; ++r)
    for (int64_t i = 0; i < columns; ++i) sums[i] += matrix[r * step + i];
  for (int64_t i = 0; i < columns; ++i) to[i] += sums[i];
}

// Rows a task computes: enough that reading the weights again is cheap, few enough that the block stays in the
// second-level cache; whole tiles of the kernels.
constexpr int64_t kRowBlock = 196, kTile = 14;
// Of a weight gradient: rows summed at a time, and the largest side of a tile.
constexpr int64_t kWeightRows = 256, kWeightTile = 256;

// A product has equal bits however the rows are cut, so a few rows may be shared out evenly.
int64_t row_block(int64_t rows) {
  const int64_t threads = in_parallel() ? 1 : thread_count(), share = (rows + threads - 1) / threads;
  return std::min(kRowBlock, (share + kTile - 1) / kTile * kTile);
}

// Elements [begin, end) of y.
void drop(Tensor& y, int64_t begin, int64_t end, const Dropout& dropped) {
  if (dropped.rate > 0) dropout_in_place(y.data() + begin, end - begin, dropout_row(dropped), static_cast<uint32_t>(begin));
}

// y = dropout(f(x M + b)), M of inputs x outputs: W^T or, with `turned`, its other side. M is packed once a call, where a matrix
// product of its own for every block of rows would pack it every time.
void multiply(const Tensor& x, const real* weight, int64_t inputs, int64_t outputs, bool turned, const Tensor& bias, Tensor& y, Activation activation,
              const Dropout& dropped) {
  Tensor panels({outputs, inputs}), b = bias.defined() ? bias : Tensor::zeros({outputs});
  if (reinterpret_cast<uintptr_t>(b.data()) % 64 != 0) b = b.clone();  // part of a larger tensor
  const int64_t groups = std::max<int64_t>(1, kElementBlock / (inputs * kChannelGroup)) * kChannelGroup;
  parallel_for(outputs, groups, [&](int64_t begin, int64_t end) {
    real* to = panels.data() + begin * inputs;
    if (turned)
      copy_panels(weight + begin, inputs, end - begin, outputs, to);
    else
      turn_panels(weight + begin * inputs, end - begin, inputs, inputs, to);
  });
  // Rows a page apart would all want the same few lines of the first-level cache; a copy stands closer.
  const bool pages = inputs * static_cast<int64_t>(sizeof(real)) % 4096 == 0;
  const int64_t m = x.size() / inputs, step = inputs + (pages ? kChannelGroup : 0);
  parallel_for(m, row_block(m), [&](int64_t begin, int64_t end) {
    const real* rows = x.data() + begin * inputs;
    Tensor copy;
    if (pages) {
      copy = Tensor({end - begin, step});
      for (int64_t r = 0; r < end - begin; ++r) std::copy_n(rows + r * inputs, inputs, copy.data() + r * step);
      rows = copy.data();
    }
    multiply_panels(panels.data(), inputs, outputs, b.data(), {rows, end - begin, step}, y.data() + begin * outputs, outputs, activation);
    drop(y, begin * outputs, end * outputs, dropped);
  });
}

// multiply_panels() stores whole groups.
bool in_groups(int64_t outputs) { return outputs > 0 && outputs % kChannelGroup == 0; }

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation, const Dropout& dropped) {
  if (x.rank() < 1 || weight.rank() != 2 || x.dim(-1) != weight.dim(1))
    fail("linear: ", x.shape(), " by weight ", weight.shape(), ": the last axis must equal the weight's second");
  const int64_t n = weight.dim(0), k = weight.dim(1), m = k ? x.size() / k : 0;
  if (bias.defined() && bias.size() != n) fail("linear: bias ", bias.shape(), " for weight ", weight.shape());
  Shape shape = x.shape();
  shape.set(-1, n);
  Tensor y(shape);
  if (in_groups(n) && k > 0) {
    multiply(x, weight.data(), k, n, false, bias, y, activation, dropped);
    return y;
  }
  parallel_for(m, kRowBlock, [&](int64_t begin, int64_t end) {
    real* out = y.data() + begin * n;
    gemm(Trans::no, Trans::yes, end - begin, n, k, 1, x.data() + begin * k, k, weight.data(), k, 0, out, n);
    if (bias.defined()) add_bias(out, bias.data(), end - begin, n);
    activate_in_place(activation, out, (end - begin) * n);
    drop(y, begin * n, end * n, dropped);
  });
  return y;
}

Tensor linear_backward_input(const Tensor& dy, const Tensor& weight) {
  const int64_t n = weight.dim(0), k = weight.dim(1), m = n ? dy.size() / n : 0;
  Shape shape = dy.shape();
  shape.set(-1, k);
  Tensor dx(shape);
  if (in_groups(k) && n > 0) {
    multiply(dy, weight.data(), n, k, true, Tensor(), dx, Activation::none, {});
    return dx;
  }
  parallel_for(m, kRowBlock, [&](int64_t begin, int64_t end) {
    gemm(Trans::no, Trans::no, end - begin, k, n, 1, dy.data() + begin * n, n, weight.data(), k, 0, dx.data() + begin * k, k);
  });
  return dx;
}

Tensor linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor* dbias) {
  const int64_t n = dy.dim(-1), k = x.dim(-1), m = n ? dy.size() / n : 0;
  if (dbias) *dbias = Tensor::zeros({n});
  if (m == 0) return Tensor::zeros({n, k});
  Tensor dw({n, k});
  if (!in_groups(k)) {
    if (dbias) *dbias = column_sum(dy);
    parallel_gemm(Trans::yes, Trans::no, n, k, m, 1, dy.data(), n, x.data(), k, 0, dw.data(), k);
    return dw;
  }
  // Tiles of dW. Each takes the rows in the same blocks and in their order, so that its size is free.
  const int64_t threads = in_parallel() ? 1 : thread_count(), across = (k + kWeightTile - 1) / kWeightTile;
  const int64_t width = round_to_group((k + across - 1) / across);
  int64_t height = std::min(n, kWeightTile);
  while (height > 2 * kTile && across * ((n + height - 1) / height) < threads) height = (height + 1) / 2;
  const int64_t down = (n + height - 1) / height;
  const Tensor zeros = Tensor::zeros({width});
  parallel_for(down * across, 1, [&](int64_t tile, int64_t) {
    const int64_t i = tile / across * height, j = tile % across * width;
    const int64_t outputs = std::min(height, n - i), inputs = std::min(width, k - j);
    Tensor panels({inputs, kWeightRows}), sums({outputs});
    for (int64_t r = 0; r < m; r += kWeightRows) {
      const int64_t rows = std::min(kWeightRows, m - r);
      copy_panels(x.data() + r * k + j, rows, inputs, k, panels.data());
      multiply_panels(panels.data(), rows, inputs, zeros.data(), transposed(dy.data() + r * n + i, outputs, n), dw.data() + i * k + j, k,
                      Activation::none, r > 0);
      if (dbias && j == 0) add_column_sums(dy.data() + r * n + i, rows, outputs, n, sums.data(), dbias->data() + i);
    }
  });
  return dw;
}

Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  const char* rule = ": inner sizes or leading axes differ";
  if (a.rank() < 2 || b.rank() < 2) fail("matmul: ", a.shape(), " * ", b.shape(), ": both need two axes");
  const int64_t m = a.dim(transpose_a ? -1 : -2), k = a.dim(transpose_a ? -2 : -1);
  const int64_t n = b.dim(transpose_b ? -2 : -1), kb = b.dim(transpose_b ? -1 : -2);
  const int64_t batch = a.shape().size(0, a.rank() - 2);
  const bool shared_b = b.rank() == 2;
  if (k != kb || (!shared_b && !(Shape(std::span(a.shape().begin(), static_cast<size_t>(a.rank() - 2))) ==
                                 Shape(std::span(b.shape().begin(), static_cast<size_t>(b.rank() - 2))))))
    fail("matmul: ", a.shape(), transpose_a ? "^T" : "", " * ", b.shape(), transpose_b ? "^T" : "", rule);
  Shape shape = a.shape();
  shape.set(-2, m);
  shape.set(-1, n);
  Tensor y(shape);
  const Trans ta = transpose_a ? Trans::yes : Trans::no, tb = transpose_b ? Trans::yes : Trans::no;
  const auto one = [&](int64_t i, auto multiply) {
    multiply(ta, tb, m, n, k, real(1), a.data() + i * m * k, a.dim(-1), b.data() + (shared_b ? 0 : i * k * n), b.dim(-1), real(0),
             y.data() + i * m * n, n);
  };
  if (batch == 1) {
    one(0, parallel_gemm);
  } else {
    parallel_for(batch, 1, [&](int64_t i, int64_t) { one(i, gemm); });
  }
  return y;
}

}  // namespace iuf::kernel
