#include "tensor/matmul.h"

#include <span>

#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf::kernel {
namespace {

// All axes but the last two.
Shape leading_axes(const Tensor& x) {
  return Shape(std::span(x.shape().begin(), static_cast<size_t>(x.rank() - 2)));
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b, Trans trans_a, Trans trans_b) {
  const bool transpose_a = trans_a == Trans::yes, transpose_b = trans_b == Trans::yes;
  const auto wrong = [&](const char* what) {
    fail("matmul: ", a.shape(), transpose_a ? "^T" : "", " * ", b.shape(), transpose_b ? "^T" : "", ": ", what);
  };
  if (a.rank() < 2 || b.rank() < 2) wrong("both need two axes");
  const int64_t m = a.dim(transpose_a ? -1 : -2), k = a.dim(transpose_a ? -2 : -1);
  const int64_t n = b.dim(transpose_b ? -2 : -1), kb = b.dim(transpose_b ? -1 : -2);
  const bool shared_b = b.rank() == 2;
  if (k != kb) wrong("inner sizes differ");
  if (!shared_b && !(leading_axes(a) == leading_axes(b))) wrong("leading axes differ");
  const int64_t batch = a.shape().size(0, a.rank() - 2);
  Shape shape = a.shape();
  shape.set(-2, m);
  shape.set(-1, n);
  Tensor y(shape);
  const auto one = [&](int64_t i, auto multiply) {
    multiply(trans_a, trans_b, m, n, k, real(1), a.data() + i * m * k, a.dim(-1), b.data() + (shared_b ? 0 : i * k * n),
             b.dim(-1), real(0), y.data() + i * m * n, n);
  };
  if (batch == 1) {
    one(0, parallel_gemm);
  } else {
    parallel_for(batch, 1, [&](int64_t i, int64_t) { one(i, gemm); });
  }
  return y;
}

void add_matmul(Tensor& y, const Tensor& a, const Tensor& b, Trans trans_a) {
  const bool transposed = trans_a == Trans::yes;
  if (y.rank() != 2 || a.rank() != 2 || b.rank() != 2)
    fail("add_matmul: ", y.shape(), " += ", a.shape(), " * ", b.shape(), ": all three need two axes");
  const int64_t m = a.dim(transposed ? 1 : 0), k = a.dim(transposed ? 0 : 1), n = b.dim(1);
  if (b.dim(0) != k || y.dim(0) != m || y.dim(1) != n)
    fail("add_matmul: ", y.shape(), " += ", a.shape(), transposed ? "^T" : "", " * ", b.shape(), ": sizes differ");
  parallel_gemm(trans_a, Trans::no, m, n, k, 1, a.data(), a.dim(1), b.data(), n, 1, y.data(), n);
}

}  // namespace iuf::kernel
