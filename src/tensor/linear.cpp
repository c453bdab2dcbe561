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
// Of a weight gradient: rows summed at a time, and the largest width and height of a tile.
constexpr int64_t kWeightRows = 128, kWeightWidth = 256, kWeightHeight = 512;

// A product has equal bits however the rows are cut, so a few rows may be shared out evenly.
int64_t row_block(int64_t rows) {
  const int64_t threads = in_parallel() ? 1 : thread_count(), share = (rows + threads - 1) / threads;
  return std::min(kRowBlock, (share + kTile - 1) / kTile * kTile);
}

// Elements [begin, end) of y.
void drop(Tensor& y, int64_t begin, int64_t end, const Dropout& dropped) {
  if (dropped.rate > 0) dropout_in_place(y.data() + begin, end - begin, dropout_row(dropped), static_cast<uint32_t>(begin));
}

// Rows a page apart would all want the same few lines of the first-level cache: the distance in memory that suits rows of n.
int64_t good_step(int64_t n) { return n * static_cast<int64_t>(sizeof(real)) % 4096 == 0 ? n + kChannelGroup : n; }

// A multiplier of inputs x outputs in panels, and a bias.
struct Multiplier {
  int64_t inputs, outputs;
  Tensor panels, bias;
};

// W^T or, with `turned`, the other side of W. Packed once a call, where a matrix product of its own for every block of rows would
// pack it every time.
Multiplier pack(const real* weight, int64_t inputs, int64_t outputs, bool turned, const Tensor& bias) {
  Multiplier m{inputs, outputs, Tensor({outputs, inputs}), bias.defined() ? bias : Tensor::zeros({outputs})};
  if (reinterpret_cast<uintptr_t>(m.bias.data()) % 64 != 0) m.bias = m.bias.clone();  // part of a larger tensor
  const int64_t groups = std::max<int64_t>(1, kElementBlock / (inputs * kChannelGroup)) * kChannelGroup;
  parallel_for(outputs, groups, [&](int64_t begin, int64_t end) {
    real* to = m.panels.data() + begin * inputs;
    if (turned)
      copy_panels(weight + begin, inputs, end - begin, outputs, to);
    else
      turn_panels(weight + begin * inputs, end - begin, inputs, inputs, to);
  });
  return m;
}

// y = f(x M + b) for rows x_step and y_step apart.
void multiply_rows(const Multiplier& m, const real* x, int64_t x_step, int64_t rows, real* y, int64_t y_step, Activation activation = Activation::none) {
  multiply_panels(m.panels.data(), m.inputs, m.outputs, m.bias.data(), {x, rows, x_step}, y, y_step, activation);
}

// y = dropout(f(x M + b))
void multiply(const Tensor& x, const Multiplier& m, Tensor& y, Activation activation, const Dropout& dropped) {
  const int64_t inputs = m.inputs, outputs = m.outputs, rows = x.size() / inputs, step = good_step(inputs);
  parallel_for(rows, row_block(rows), [&](int64_t begin, int64_t end) {
    const real* from = x.data() + begin * inputs;
    Tensor copy;
    if (step != inputs) {
      copy = Tensor({end - begin, step});
      for (int64_t r = 0; r < end - begin; ++r) std::copy_n(from + r * inputs, inputs, copy.data() + r * step);
      from = copy.data();
    }
    multiply_rows(m, from, step, end - begin, y.data() + begin * outputs, outputs, activation);
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
    multiply(x, pack(weight.data(), k, n, false, bias), y, activation, dropped);
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
    multiply(dy, pack(weight.data(), n, k, true, Tensor()), dx, Activation::none, {});
    return dx;
  }
  parallel_for(m, kRowBlock, [&](int64_t begin, int64_t end) {
    gemm(Trans::no, Trans::no, end - begin, k, n, 1, dy.data() + begin * n, n, weight.data(), k, 0, dx.data() + begin * k, k);
  });
  return dx;
}

namespace {

// dW = dy^T x for m rows of n and k values, so far apart.
Tensor weight_gradient(const real* dy, int64_t dy_step, const real* x, int64_t x_step, int64_t m, int64_t n, int64_t k, Tensor* dbias) {
  if (dbias) *dbias = Tensor::zeros({n});
  if (m == 0) return Tensor::zeros({n, k});
  Tensor dw({n, k});
  if (!in_groups(k)) {
    parallel_gemm(Trans::yes, Trans::no, n, k, m, 1, dy, dy_step, x, x_step, 0, dw.data(), k);
    Tensor sums({n});
    if (dbias) add_column_sums(dy, m, n, dy_step, sums.data(), dbias->data());
    return dw;
  }
  // Two halves of the rows, which lie in the caches of the threads that computed them, and tiles of dW for each. A tile takes the
  // rows in the same blocks and in their order, so that its size is free.
  const int64_t halves = m < 2 * kWeightRows ? 1 : 2, half = (m + halves - 1) / halves;
  const int64_t threads = in_parallel() ? 1 : thread_count(), across = (k + kWeightWidth - 1) / kWeightWidth;
  const int64_t width = round_to_group((k + across - 1) / across);
  int64_t height = std::min(n, kWeightHeight);
  while (height > 2 * kTile && halves * across * ((n + height - 1) / height) < threads) height = (height + 1) / 2;
  const int64_t down = (n + height - 1) / height, tiles = down * across;
  height = (n + down - 1) / down;
  const Tensor zeros = Tensor::zeros({width});
  Tensor second = halves > 1 ? Tensor({n, k}) : Tensor(), second_bias = dbias && halves > 1 ? Tensor::zeros({n}) : Tensor();
  parallel_for(halves * tiles, 1, [&](int64_t task, int64_t) {
    const int64_t tile = task % tiles, i = tile / across * height, j = tile % across * width;
    const int64_t outputs = std::min(height, n - i), inputs = std::min(width, k - j);
    const bool first = task < tiles;
    const int64_t begin = first ? 0 : half, end = first ? half : m;
    real* out = (first ? dw : second).data() + i * k + j;
    Tensor panels({inputs, kWeightRows}), sums({outputs});
    for (int64_t r = begin; r < end; r += kWeightRows) {
      const int64_t rows = std::min(kWeightRows, end - r);
      const real* rows_dy = dy + r * dy_step + i;
      const real* rows_x = x + r * x_step + j;
      copy_panels(rows_x, rows, inputs, x_step, panels.data());
      const NextRows next = {.data = {rows_dy + rows * dy_step, rows_x + rows * x_step},
                             .rows = std::min(kWeightRows, end - r - rows),
                             .width = {outputs, inputs},
                             .row_step = {dy_step, x_step}};
      multiply_panels(panels.data(), rows, inputs, zeros.data(), transposed(rows_dy, outputs, dy_step), out, k, Activation::none, r > begin,
                      next.rows > 0 ? &next : nullptr);
      if (dbias && j == 0) add_column_sums(rows_dy, rows, outputs, dy_step, sums.data(), (first ? *dbias : second_bias).data() + i);
    }
  });
  if (halves > 1) {
    add_scaled(dw, 1, second);
    if (dbias) add_scaled(*dbias, 1, second_bias);
  }
  return dw;
}

void check_feed_forward(const Tensor& x, const Tensor& weight1, const Tensor& bias1, const Tensor& weight2, const Tensor& bias2) {
  if (x.rank() < 1 || weight1.rank() != 2 || weight2.rank() != 2 || x.dim(-1) != weight1.dim(1) || weight2.dim(1) != weight1.dim(0) ||
      bias1.size() != weight1.dim(0) || bias2.size() != weight2.dim(0))
    fail("feed_forward: ", x.shape(), " by weights ", weight1.shape(), " and ", weight2.shape(), " with biases ", bias1.shape(), " and ", bias2.shape(),
         ": needs H x K and N x H for K channels");
}

}  // namespace

Tensor linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor* dbias) {
  const int64_t n = dy.dim(-1), k = x.dim(-1);
  return weight_gradient(dy.data(), n, x.data(), k, n ? dy.size() / n : 0, n, k, dbias);
}

FeedForward feed_forward(const Tensor& x, const Tensor& weight1, const Tensor& bias1, const Tensor& weight2, const Tensor& bias2, const Dropout& dropped,
                         bool keep) {
  check_feed_forward(x, weight1, bias1, weight2, bias2);
  const int64_t k = weight1.dim(1), h = weight1.dim(0), n = weight2.dim(0), rows = k ? x.size() / k : 0;
  Shape shape = x.shape();
  shape.set(-1, n);
  if (!in_groups(h) || !in_groups(n) || k == 0) {
    const Tensor hidden = linear(x, weight1, bias1, Activation::relu, dropped).reshape({rows, h});
    return {linear(hidden, weight2, bias2).reshape(shape), hidden};
  }
  const Multiplier first = pack(weight1.data(), k, h, false, bias1), second = pack(weight2.data(), h, n, false, bias2);
  const int64_t step = good_step(h);
  FeedForward out{Tensor(shape), keep ? Tensor({rows, step}) : Tensor()};
  const simd::DropoutRow row = dropout_row(dropped);
  parallel_for(rows, row_block(rows), [&](int64_t begin, int64_t end) {
    Tensor hidden = keep ? out.hidden.rows(begin, end - begin) : Tensor({end - begin, step});
    multiply_rows(first, x.data() + begin * k, k, end - begin, hidden.data(), step, Activation::relu);
    if (row.threshold)
      for (int64_t r = begin; r < end; ++r) dropout_in_place(hidden.data() + (r - begin) * step, h, row, static_cast<uint32_t>(r * h));
    multiply_rows(second, hidden.data(), step, end - begin, out.y.data() + begin * n, n);
  });
  return out;
}

FeedForwardGradient feed_forward_backward(const Tensor& dy, const Tensor& x, const Tensor& hidden, const Tensor& weight1, const Tensor& weight2,
                                          const Dropout& dropped, bool wants_dx) {
  const int64_t k = weight1.dim(1), h = weight1.dim(0), n = weight2.dim(0), rows = k ? x.size() / k : 0, step = hidden.dim(1);
  const real factor = dropout_row(dropped).keep;
  FeedForwardGradient g;
  Tensor dz({rows, step});
  if (in_groups(h) && in_groups(k) && n > 0) {
    const Multiplier second = pack(weight2.data(), n, h, true, Tensor()), first = wants_dx ? pack(weight1.data(), h, k, true, Tensor()) : Multiplier();
    if (wants_dx) g.dx = Tensor(x.shape());
    parallel_for(rows, row_block(rows), [&](int64_t begin, int64_t end) {
      real* block = dz.data() + begin * step;
      multiply_rows(second, dy.data() + begin * n, n, end - begin, block, step);
      for (int64_t r = 0; r < end - begin; ++r) positive_backward_in_place(hidden.data() + (begin + r) * step, factor, block + r * step, h);
      if (wants_dx) multiply_rows(first, block, step, end - begin, g.dx.data() + begin * k, k);
    });
  } else {
    dz = positive_backward(hidden, linear_backward_input(dy.reshape({rows, n}), weight2), factor);
    if (wants_dx) g.dx = linear_backward_input(dz, weight1).reshape(x.shape());
  }
  g.dweight1 = weight_gradient(dz.data(), step, x.data(), k, rows, h, k, &g.dbias1);
  g.dweight2 = weight_gradient(dy.data(), n, hidden.data(), step, rows, n, h, &g.dbias2);
  return g;
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
