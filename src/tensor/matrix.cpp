#include "tensor/matrix.h"

#include "tensor/error.h"

namespace iuf::kernel {

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
