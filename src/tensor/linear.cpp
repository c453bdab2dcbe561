#include "tensor/linear.h"

#include <algorithm>

#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

IUF_SIMD void add_bias(real* y, const real* bias, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < n; ++i) y[r * n + i] += bias[i];
}

// Rows a task computes: enough that packing W again is cheap, few enough that the block stays in the second-level cache.
constexpr int64_t kRowBlock = 192;

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  if (x.rank() < 1 || weight.rank() != 2 || x.dim(-1) != weight.dim(1))
    fail("linear: ", x.shape(), " by weight ", weight.shape(), ": the last axis must equal the weight's second");
  const int64_t n = weight.dim(0), k = weight.dim(1), m = k ? x.size() / k : 0;
  if (bias.defined() && bias.size() != n) fail("linear: bias ", bias.shape(), " for weight ", weight.shape());
  Shape shape = x.shape();
  shape.set(-1, n);
  Tensor y(shape);
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
