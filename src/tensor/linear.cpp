#include "tensor/linear.h"

#include <algorithm>

#include "tensor/error.h"
#include "tensor/gemm/gemm.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

// to += the sums of the columns, which are added up in `scratch` first. scratch: `columns` values.
IUF_SIMD void add_column_sums(const real* matrix, int64_t rows, int64_t columns, int64_t ld, real* scratch, real* to) {
  for (int64_t i = 0; i < columns; ++i) scratch[i] = matrix[i];
  for (int64_t r = 1; r < rows; ++r)
    for (int64_t i = 0; i < columns; ++i) scratch[i] += matrix[r * ld + i];
  for (int64_t i = 0; i < columns; ++i) to[i] += scratch[i];
}

// Rows a task computes: enough that reading the weights again is cheap, few enough that the block stays in the
// second-level cache; whole tiles of the AVX-512 kernels.
constexpr int64_t kRowBlock = 196, kTile = 14;
// Of a weight gradient: rows summed at a time, and the most columns and rows of a tile.
constexpr int64_t kDepth = 128, kTileCols = 256, kTileRows = 512;

// A product has equal bits however the rows are cut, so a few rows may be shared out evenly.
int64_t row_block(int64_t rows) {
  const int64_t threads = in_parallel() ? 1 : thread_count(), share = (rows + threads - 1) / threads;
  return std::min(kRowBlock, (share + kTile - 1) / kTile * kTile);
}

// Elements [begin, end) of y.
void drop(Tensor& y, int64_t begin, int64_t end, const Dropout& dropped) {
  if (dropped.rate > 0)
    dropout_in_place(y.data() + begin, end - begin, dropout_row(dropped), static_cast<uint32_t>(begin));
}

// The leading dimension for rows of n values: rows at multiples of a page would share a few sets of the first-level
// cache.
int64_t leading_dimension(int64_t n) {
  return n * static_cast<int64_t>(sizeof(real)) % 4096 == 0 ? n + kPanelWidth : n;
}

int64_t rows_of(const Tensor& x) {
  return x.shape().size(0, x.rank() - 1);
}

Shape with_last(Shape shape, int64_t size) {
  shape.set(-1, size);
  return shape;
}

// B of the forward product, W^T with a bias if it is defined, and of the backward one, W. weight: outputs x inputs.
PackedMatrix pack_forward(const Tensor& weight, const Tensor& bias) {
  PackedMatrix packed(weight.dim(1), weight.dim(0));
  packed.pack_transposed(weight.data(), weight.dim(1));
  if (bias.defined()) std::copy_n(bias.data(), bias.size(), packed.bias());
  return packed;
}
PackedMatrix pack_backward(const Tensor& weight) {
  PackedMatrix packed(weight.dim(0), weight.dim(1));
  packed.pack(weight.data(), weight.dim(1));
  return packed;
}

// y = dropout(f(x M + b))
void multiply(const Tensor& x, const PackedMatrix& m, Tensor& y, Activation activation, const Dropout& dropped) {
  const int64_t inputs = m.rows(), outputs = m.cols(), rows = rows_of(x), ld = leading_dimension(inputs);
  parallel_for(rows, row_block(rows), [&](int64_t begin, int64_t end) {
    const real* from = x.data() + begin * inputs;
    Tensor copy;
    if (ld != inputs) {
      copy = Tensor({end - begin, ld});
      for (int64_t r = 0; r < end - begin; ++r) std::copy_n(from + r * inputs, inputs, copy.data() + r * ld);
      from = copy.data();
    }
    gemm_packed({from, end - begin, inputs, ld}, m, y.data() + begin * outputs, outputs, activation);
    drop(y, begin * outputs, end * outputs, dropped);
  });
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation,
              const Dropout& dropped) {
  if (x.rank() < 1 || weight.rank() != 2 || x.dim(-1) != weight.dim(1))
    fail("linear: ", x.shape(), " by weight ", weight.shape(), ": the last axis must equal the weight's second");
  if (bias.defined() && bias.size() != weight.dim(0))
    fail("linear: bias ", bias.shape(), " for weight ", weight.shape());
  Tensor y(with_last(x.shape(), weight.dim(0)));
  multiply(x, pack_forward(weight, bias), y, activation, dropped);
  return y;
}

Tensor linear_naive(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  const int64_t n = weight.dim(0), k = weight.dim(1);
  Tensor y(with_last(x.shape(), n));
  gemm_naive({x.data(), rows_of(x), k, k}, MatrixView{weight.data(), n, k, k}.transposed(),
             bias.defined() ? bias.data() : nullptr, y.data(), n, {.activation = activation});
  return y;
}

Tensor linear_backward_input(const Tensor& dy, const Tensor& weight) {
  Tensor dx(with_last(dy.shape(), weight.dim(1)));
  multiply(dy, pack_backward(weight), dx, Activation::none, {});
  return dx;
}

namespace {

// Where the rows are many, gradients sum each half of them on its own: with two threads each finds its half in its
// caches.
int64_t first_half(int64_t m) {
  return m < 2 * kDepth ? m : (m + 1) / 2;
}

// The sums of the columns of m rows, in the order of weight_gradient().
Tensor bias_gradient(const real* dy, int64_t ld, int64_t m, int64_t n) {
  const int64_t half = first_half(m);
  Tensor parts = Tensor::zeros({2, n});
  parallel_for(half < m ? 2 : 1, 1, [&](int64_t part, int64_t) {
    const int64_t end = part ? m : half;
    Tensor scratch({n});
    for (int64_t r = part * half; r < end; r += kDepth)
      add_column_sums(dy + r * ld, std::min(kDepth, end - r), n, ld, scratch.data(), parts.data() + part * n);
  });
  Tensor sum = parts.rows(0, 1).reshape({n}).clone();
  if (half < m) add_scaled(sum, 1, parts.rows(1, 1).reshape({n}));
  return sum;
}

// dW = dy^T x for m rows of n and k values.
Tensor weight_gradient(const real* dy, int64_t ld_dy, const real* x, int64_t ld_x, int64_t m, int64_t n, int64_t k,
                       Tensor* dbias) {
  if (m == 0 || n == 0 || k == 0) {
    if (dbias) *dbias = bias_gradient(dy, ld_dy, m, n);
    return Tensor::zeros({n, k});
  }
  if (dbias) *dbias = Tensor::zeros({n});
  const int64_t ld_dw = round_to_panel(k);
  Tensor dw({n, ld_dw});
  // Tiles of dW for each half of the rows. Every tile takes the rows in the same blocks and in the same order, so that
  // the size of a tile changes no bit.
  const int64_t half = first_half(m), halves = half < m ? 2 : 1;
  const int64_t threads = in_parallel() ? 1 : thread_count(), across = (k + kTileCols - 1) / kTileCols;
  const int64_t cols = round_to_panel((k + across - 1) / across);
  int64_t height = std::min(n, kTileRows);
  while (height > 2 * kTile && halves * across * ((n + height - 1) / height) < threads) height = (height + 1) / 2;
  const int64_t down = (n + height - 1) / height, tiles = down * across;
  height = (n + down - 1) / down;
  const Tensor zeros = Tensor::zeros({cols});
  Tensor second = halves > 1 ? Tensor({n, ld_dw}) : Tensor(),
         second_bias = dbias && halves > 1 ? Tensor::zeros({n}) : Tensor();
  parallel_for(halves * tiles, 1, [&](int64_t task, int64_t) {
    const int64_t tile = task % tiles, i = tile / across * height, j = tile % across * cols;
    const int64_t outputs = std::min(height, n - i), inputs = std::min(cols, k - j);
    const bool first = task < tiles;
    const int64_t begin = first ? 0 : half, end = first ? half : m;
    real* out = (first ? dw : second).data() + i * ld_dw + j;
    Tensor packed({round_to_panel(inputs), kDepth}), scratch({outputs});
    for (int64_t r = begin; r < end; r += kDepth) {
      const int64_t rows = std::min(kDepth, end - r);
      const real* rows_dy = dy + r * ld_dy + i;
      const real* rows_x = x + r * ld_x + j;
      pack(rows_x, rows, inputs, ld_x, packed.data());
      const Prefetch next = {.data = {rows_dy + rows * ld_dy, rows_x + rows * ld_x},
                             .rows = std::min(kDepth, end - r - rows),
                             .cols = {outputs, inputs},
                             .row_stride = {ld_dy, ld_x}};
      gemm_padded(
          MatrixView{rows_dy, rows, outputs, ld_dy}.transposed(), {packed.data(), zeros.data(), rows, inputs}, out,
          ld_dw,
          {.accumulate = r > begin ? Accumulate::yes : Accumulate::no, .prefetch = next.rows > 0 ? &next : nullptr});
      if (dbias && j == 0)
        add_column_sums(rows_dy, rows, outputs, ld_dy, scratch.data(), (first ? *dbias : second_bias).data() + i);
    }
  });
  if (halves > 1) {
    add_scaled(dw, 1, second);
    if (dbias) add_scaled(*dbias, 1, second_bias);
  }
  if (ld_dw == k) return dw;
  Tensor contiguous({n, k});
  for (int64_t i = 0; i < n; ++i) std::copy_n(dw.data() + i * ld_dw, k, contiguous.data() + i * k);
  return contiguous;
}

void check_feed_forward(const Tensor& x, const Tensor& weight1, const Tensor& bias1, const Tensor& weight2,
                        const Tensor& bias2) {
  const auto wrong = [&](const char* what) {
    fail("feed_forward: ", x.shape(), " by weights ", weight1.shape(), " and ", weight2.shape(), " with biases ",
         bias1.shape(), " and ", bias2.shape(), ": ", what);
  };
  if (x.rank() < 1) wrong("x needs an axis of channels");
  if (weight1.rank() != 2 || weight2.rank() != 2) wrong("the weights need two axes");
  if (x.dim(-1) != weight1.dim(1)) wrong("the last axis of x must equal the second one of the first weight");
  if (weight2.dim(1) != weight1.dim(0)) wrong("the second axis of the second weight must equal the first one's first");
  if (bias1.size() != weight1.dim(0)) wrong("the first bias needs a value for each row of its weight");
  if (bias2.size() != weight2.dim(0)) wrong("the second bias needs a value for each row of its weight");
}

}  // namespace

Tensor linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor* dbias) {
  const int64_t n = dy.dim(-1), k = x.dim(-1);
  return weight_gradient(dy.data(), n, x.data(), k, rows_of(dy), n, k, dbias);
}

Tensor linear_backward_bias(const Tensor& dy) {
  return bias_gradient(dy.data(), dy.dim(-1), rows_of(dy), dy.dim(-1));
}

FeedForward feed_forward(const Tensor& x, const Tensor& weight1, const Tensor& bias1, const Tensor& weight2,
                         const Tensor& bias2, const Dropout& dropped, Keep keep) {
  check_feed_forward(x, weight1, bias1, weight2, bias2);
  const int64_t k = weight1.dim(1), h = weight1.dim(0), n = weight2.dim(0), rows = rows_of(x);
  const PackedMatrix first = pack_forward(weight1, bias1), second = pack_forward(weight2, bias2);
  const int64_t ld = leading_dimension(first.padded_cols());
  const bool kept = keep == Keep::hidden;
  FeedForward out{Tensor(with_last(x.shape(), n)), kept ? Tensor({rows, ld}) : Tensor()};
  const simd::DropoutRow row = dropout_row(dropped);
  parallel_for(rows, row_block(rows), [&](int64_t begin, int64_t end) {
    Tensor hidden = kept ? out.hidden.rows(begin, end - begin) : Tensor({end - begin, ld});
    gemm_padded({x.data() + begin * k, end - begin, k, k}, first, hidden.data(), ld, {.activation = Activation::relu});
    if (row.threshold)
      for (int64_t r = begin; r < end; ++r)
        dropout_in_place(hidden.data() + (r - begin) * ld, h, row, static_cast<uint32_t>(r * h));
    gemm_packed({hidden.data(), end - begin, h, ld}, second, out.y.data() + begin * n, n);
  });
  return out;
}

Tensor feed_forward_naive(const Tensor& x, const Tensor& weight1, const Tensor& bias1, const Tensor& weight2,
                          const Tensor& bias2) {
  return linear_naive(linear_naive(x, weight1, bias1, Activation::relu), weight2, bias2);
}

FeedForwardGradient feed_forward_backward(const Tensor& dy, const Tensor& x, const Tensor& hidden,
                                          const Tensor& weight1, const Tensor& weight2, const Dropout& dropped,
                                          InputGradient dx) {
  const int64_t k = weight1.dim(1), h = weight1.dim(0), n = weight2.dim(0), rows = rows_of(x),
                ld_hidden = hidden.dim(1);
  const real factor = dropout_row(dropped).keep;
  FeedForwardGradient g;
  const bool wants_dx = dx == InputGradient::compute;
  const PackedMatrix second = pack_backward(weight2), first = wants_dx ? pack_backward(weight1) : PackedMatrix(0, 0);
  const int64_t ld = leading_dimension(second.padded_cols());
  Tensor dz({rows, ld});
  if (wants_dx) g.dx = Tensor(x.shape());
  parallel_for(rows, row_block(rows), [&](int64_t begin, int64_t end) {
    real* block = dz.data() + begin * ld;
    gemm_padded({dy.data() + begin * n, end - begin, n, n}, second, block, ld);
    for (int64_t r = 0; r < end - begin; ++r)
      positive_backward_in_place(hidden.data() + (begin + r) * ld_hidden, factor, block + r * ld, h);
    if (wants_dx) gemm_packed({block, end - begin, h, ld}, first, g.dx.data() + begin * k, k);
  });
  g.dweight1 = weight_gradient(dz.data(), ld, x.data(), k, rows, h, k, &g.dbias1);
  g.dweight2 = weight_gradient(dy.data(), n, hidden.data(), ld_hidden, rows, n, h, &g.dbias2);
  return g;
}

}  // namespace iuf::kernel
