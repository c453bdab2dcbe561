#include "tensor/linear.h"

#include <algorithm>

#include "tensor/blas.h"
#include "tensor/conv.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

IUF_SIMD void add_bias(real* y, const real* bias, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < n; ++i) y[r * n + i] += bias[i];
}

// Rows a task computes: enough that reading the weights again is cheap, few enough that the block stays in the
// second-level cache; whole tiles of the kernels.
constexpr int64_t kRowBlock = 196, kTile = 14;

// conv_rows gives equal bits however the rows are cut, so a few rows may be shared out evenly.
int64_t row_block(int64_t rows) {
  const int64_t threads = in_parallel() ? 1 : thread_count(), share = (rows + threads - 1) / threads;
  return std::min(kRowBlock, (share + kTile - 1) / kTile * kTile);
}

// Rows [k, k + 16) of a panel: 16 outputs (rows of W, `step` elements apart) turned into columns.
IUF_SIMD void turn_tile(const real* from, int64_t step, int64_t count, real* to) {
  for (int64_t k = 0; k < count; ++k)
    for (int64_t j = 0; j < kChannelGroup; ++j) to[k * kChannelGroup + j] = from[j * step + k];
}

// The multiplier of `outputs` x `inputs` as conv_rows reads it, element (o, i) at data[o * outer + i * inner]. Packed once
// a call, where a matrix product of its own for every block of rows would pack it every time.
ConvFilter pack_multiplier(const real* data, int64_t outputs, int64_t inputs, bool turned, const Tensor& bias) {
  ConvFilter f{.inputs = inputs, .outputs = outputs, .height = 1, .width = 1};
  f.weight = Tensor({outputs / kChannelGroup, inputs, kChannelGroup});
  f.bias = bias.defined() ? bias : Tensor::zeros({outputs});
  if (reinterpret_cast<uintptr_t>(f.bias.data()) % 64 != 0) f.bias = f.bias.clone();  // part of a larger tensor
  parallel_for(outputs / kChannelGroup, std::max<int64_t>(1, kElementBlock / (inputs * kChannelGroup)), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      real* panel = f.weight.data() + p * inputs * kChannelGroup;
      if (turned) {
        for (int64_t k = 0; k < inputs; k += kChannelGroup)
          turn_tile(data + p * kChannelGroup * inputs + k, inputs, std::min(kChannelGroup, inputs - k), panel + k * kChannelGroup);
      } else {
        for (int64_t k = 0; k < inputs; ++k) std::copy_n(data + k * outputs + p * kChannelGroup, kChannelGroup, panel + k * kChannelGroup);
      }
    }
  });
  return f;
}

// Rows of x by the multiplier; what is stored in y has passed the bias and the activation.
void multiply(const ConvFilter& f, const Tensor& x, Tensor& y, Activation activation) {
  const int64_t m = x.size() / f.inputs;
  // Rows a page apart would all want the same few lines of the first-level cache; a copy stands closer.
  const bool pages = f.inputs * static_cast<int64_t>(sizeof(real)) % 4096 == 0;
  const int64_t step = f.inputs + (pages ? kChannelGroup : 0);
  parallel_for(m, row_block(m), [&](int64_t begin, int64_t end) {
    const real* input = x.data() + begin * f.inputs;
    Tensor copy;
    if (pages) {
      copy = Tensor({end - begin, step});
      for (int64_t r = 0; r < end - begin; ++r) std::copy_n(input + r * f.inputs, f.inputs, copy.data() + r * step);
      input = copy.data();
    }
    const ConvRow row{.inputs = &input, .output = y.data() + begin * f.outputs};
    conv_rows(f, {&row, 1}, {end - begin, step, f.outputs}, activation);
  });
}

// conv_rows stores whole groups.
bool in_groups(int64_t outputs) { return outputs > 0 && outputs % kChannelGroup == 0; }

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  if (x.rank() < 1 || weight.rank() != 2 || x.dim(-1) != weight.dim(1))
    fail("linear: ", x.shape(), " by weight ", weight.shape(), ": the last axis must equal the weight's second");
  const int64_t n = weight.dim(0), k = weight.dim(1), m = k ? x.size() / k : 0;
  if (bias.defined() && bias.size() != n) fail("linear: bias ", bias.shape(), " for weight ", weight.shape());
  Shape shape = x.shape();
  shape.set(-1, n);
  Tensor y(shape);
  if (in_groups(n) && k > 0) {
    multiply(pack_multiplier(weight.data(), n, k, true, bias), x, y, activation);
    return y;
  }
  parallel_for(m, kRowBlock, [&](int64_t begin, int64_t end) {
    real* out = y.data() + begin * n;
    gemm(Trans::no, Trans::yes, end - begin, n, k, 1, x.data() + begin * k, k, weight.data(), k, 0, out, n);
    if (bias.defined()) add_bias(out, bias.data(), end - begin, n);
    activate_in_place(activation, out, (end - begin) * n);
  });
  return y;
}

Tensor linear_backward_input(const Tensor& dy, const Tensor& weight) {
  const int64_t n = weight.dim(0), k = weight.dim(1), m = n ? dy.size() / n : 0;
  Shape shape = dy.shape();
  shape.set(-1, k);
  Tensor dx(shape);
  if (in_groups(k) && n > 0) {
    multiply(pack_multiplier(weight.data(), k, n, false, Tensor()), dy, dx, Activation::none);
    return dx;
  }
  parallel_for(m, kRowBlock, [&](int64_t begin, int64_t end) {
    gemm(Trans::no, Trans::no, end - begin, k, n, 1, dy.data() + begin * n, n, weight.data(), k, 0, dx.data() + begin * k, k);
  });
  return dx;
}

Tensor linear_backward_weight(const Tensor& dy, const Tensor& x) {
  const int64_t n = dy.dim(-1), k = x.dim(-1), m = n ? dy.size() / n : 0;
  Tensor dw({n, k});
  parallel_gemm(Trans::yes, Trans::no, n, k, m, 1, dy.data(), n, x.data(), k, 0, dw.data(), k);
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
