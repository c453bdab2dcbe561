#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"
#include "tensor/trans.h"

namespace iuf::kernel {

/// C = alpha op(A) op(B) + beta C on one thread; op(A) is m x k, op(B) k x n, leading dimensions in elements.
void gemm(Trans trans_a, Trans trans_b, int64_t m, int64_t n, int64_t k, real alpha, const real* a, int64_t lda,
          const real* b, int64_t ldb, real beta, real* c, int64_t ldc);

/// The same spread over the threads in tiles of C that depend on the sizes alone: bit-equal for every thread count.
void parallel_gemm(Trans trans_a, Trans trans_b, int64_t m, int64_t n, int64_t k, real alpha, const real* a,
                   int64_t lda, const real* b, int64_t ldb, real beta, real* c, int64_t ldc);

/// y = op(A) x with A: rows x columns.
void gemv(Trans trans, int64_t rows, int64_t columns, const real* a, const real* x, real* y);

/// Thin singular value decomposition A = U diag(s) V^T: A m x n, U m x r, s r (falling), V^T r x n with r = min(m, n).
/// Throws Error for a matrix that is not finite.
struct Svd {
  Tensor u, s, vt;
};
Svd svd(const Tensor& a);

// Statistics are accumulated and decomposed in double whatever `real` is: matrices of n x n doubles, row-major.

/// Eigenvalues (falling) and eigenvectors (as rows) of a symmetric matrix. Throws Error when it is not finite.
struct Eigen {
  std::vector<double> values, vectors;
};
Eigen eigen_symmetric(const std::vector<double>& a, int64_t n);

/// For a symmetric positive definite A = L L^T: L^-1 (lower triangular) and log det A. Throws Error when A is not
/// positive definite.
struct InverseCholesky {
  std::vector<double> inverse_lower;
  double log_det;
};
InverseCholesky inverse_cholesky(const std::vector<double>& a, int64_t n);

/// The inverse of a lower triangular matrix; what is above its diagonal is not looked at. Throws Error for a singular
/// one.
std::vector<double> inverse_triangle(std::vector<double> lower, int64_t n);

/// op(A) op(B), n x k times k x m, on one thread.
std::vector<double> product(Trans trans_a, Trans trans_b, const std::vector<double>& a, const std::vector<double>& b,
                            int64_t n, int64_t k, int64_t m);

/// moment += X^T X for X: rows x n; moment is symmetric.
void add_second_moment(std::vector<double>& moment, const std::vector<double>& x, int64_t rows, int64_t n);

}  // namespace iuf::kernel

namespace iuf {

/// OpenBLAS's version, core and thread model, for `doctor` and the run's record.
std::string blas_description();

}  // namespace iuf
