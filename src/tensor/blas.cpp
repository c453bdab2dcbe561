#include "tensor/blas.h"

#include <cblas.h>
#include <lapacke.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "tensor/cpu_choice.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

// Exported by every OpenBLAS that chooses its kernels at run time.
extern "C" {
[[gnu::weak]] void gotoblas_dynamic_init();
[[gnu::weak]] void gotoblas_dynamic_quit();
}

namespace iuf::kernel {
namespace {

// An OpenBLAS older than the processor does not know its model and falls back to kernels for SSE3, several times slower
// than those it has (0.3.21 does so on Xeons since 2023). And AMD's family 19h computes 512-bit vectors in two halves:
// there the AVX2 kernels are the faster ones (up to 1.5 times, more evenly over the shapes), but it is taken for a
// Cooper Lake. Only then, and where IUF_CPU asks for less than the CPU has, it is told which of its cores fits, through
// the variable that its users set by hand; a choice of the user is left alone.
void choose_core() {
#if defined(__x86_64__)
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit || std::getenv("OPENBLAS_CORETYPE")) return;
  const std::string core = openblas_get_corename();
  const bool fallback = core == "Prescott" || core == "Core2" || core == "Generic" || core == "Unknown";
  const bool wide = core == "SkylakeX" || core == "Cooperlake";
  __builtin_cpu_init();
  const bool halves = __builtin_cpu_is("amdfam19h");
  const char* better = nullptr;
  if ((fallback || (wide && halves)) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    better = "Haswell";
  if (fallback && !halves && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    better = "SkylakeX";
  if (cpu_level() < best_cpu_level()) better = cpu_level() == CpuLevel::v3 ? "Haswell" : "Prescott";
  if (!better) return;
  setenv("OPENBLAS_CORETYPE", better, 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv("OPENBLAS_CORETYPE");
#endif
}

// Work is shared in parallel_for alone; OpenBLAS computes on the calling thread, whichever flavour is installed. The
// OpenMP flavour takes OpenMP's number of threads as its own at every call outside a parallel region, and setting its
// number sets OpenMP's: so the number is lent to it and taken back.
class OneThread {
 public:
  OneThread() : threads_(omp_in_parallel() ? 1 : omp_get_max_threads()) {
    if (threads_ > 1) omp_set_num_threads(1);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() {
    if (threads_ > 1) omp_set_num_threads(threads_);
  }

 private:
  int threads_;
};

// Before anything is computed.
const bool blas_prepared = [] {
  choose_core();
  const OneThread one;
  openblas_set_num_threads(1);
  return true;
}();

CBLAS_TRANSPOSE cblas(Trans t) {
  return t == Trans::yes ? CblasTrans : CblasNoTrans;
}
blasint size(int64_t n) {
  return static_cast<blasint>(n);
}

[[maybe_unused]] void call_gemm(Trans ta, Trans tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
                                int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  cblas_sgemm(CblasRowMajor, cblas(ta), cblas(tb), size(m), size(n), size(k), alpha, a, size(lda), b, size(ldb), beta,
              c, size(ldc));
}
[[maybe_unused]] void call_gemm(Trans ta, Trans tb, int64_t m, int64_t n, int64_t k, double alpha, const double* a,
                                int64_t lda, const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  cblas_dgemm(CblasRowMajor, cblas(ta), cblas(tb), size(m), size(n), size(k), alpha, a, size(lda), b, size(ldb), beta,
              c, size(ldc));
}
[[maybe_unused]] int call_svd(int64_t m, int64_t n, int64_t r, float* a, float* s, float* u, float* vt) {
  return LAPACKE_sgesdd(LAPACK_ROW_MAJOR, 'S', size(m), size(n), a, size(n), s, u, size(r), vt, size(n));
}
[[maybe_unused]] int call_svd(int64_t m, int64_t n, int64_t r, double* a, double* s, double* u, double* vt) {
  return LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'S', size(m), size(n), a, size(n), s, u, size(r), vt, size(n));
}

[[maybe_unused]] int call_slow_svd(int64_t m, int64_t n, int64_t r, float* a, float* s, float* u, float* vt,
                                   float* superdiagonal) {
  return LAPACKE_sgesvd(LAPACK_ROW_MAJOR, 'S', 'S', size(m), size(n), a, size(n), s, u, size(r), vt, size(n),
                        superdiagonal);
}
[[maybe_unused]] int call_slow_svd(int64_t m, int64_t n, int64_t r, double* a, double* s, double* u, double* vt,
                                   double* superdiagonal) {
  return LAPACKE_dgesvd(LAPACK_ROW_MAJOR, 'S', 'S', size(m), size(n), a, size(n), s, u, size(r), vt, size(n),
                        superdiagonal);
}

void need_square(const char* who, const std::vector<double>& a, int64_t n) {
  if (static_cast<int64_t>(a.size()) != n * n) fail(who, ": ", a.size(), " numbers are not ", n, " x ", n);
  for (double v : a)
    if (!std::isfinite(v)) fail(who, ": the matrix holds values that are not finite");
}
void need_finite(const char* who, const Tensor& a) {
  for (real v : a.span())
    if (!std::isfinite(v)) fail(who, ": the matrix ", a.shape(), " holds values that are not finite");
}

}  // namespace

void gemm(Trans ta, Trans tb, int64_t m, int64_t n, int64_t k, real alpha, const real* a, int64_t lda, const real* b,
          int64_t ldb, real beta, real* c, int64_t ldc) {
  if (m == 0 || n == 0) return;
  if (k == 0) {  // BLAS takes no rows of length 0
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
    return;
  }
  const OneThread one;
  call_gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void parallel_gemm(Trans ta, Trans tb, int64_t m, int64_t n, int64_t k, real alpha, const real* a, int64_t lda,
                   const real* b, int64_t ldb, real beta, real* c, int64_t ldc) {
  if (m == 0 || n == 0) return;
  // Tiles of about 2^24 multiply-adds, but never so thin that packing an operand again costs more than it gives.
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const auto wanted = static_cast<int64_t>(std::clamp(work / (1 << 24), 1.0, 64.0));
  const int64_t row_tiles = std::clamp<int64_t>(m / 96, 1, wanted);
  const int64_t column_tiles = std::clamp<int64_t>(n / 256, 1, (wanted + row_tiles - 1) / row_tiles);
  const int64_t rows = ((m + row_tiles - 1) / row_tiles + 15) / 16 * 16;
  const int64_t columns = ((n + column_tiles - 1) / column_tiles + 15) / 16 * 16;
  const int64_t down = (m + rows - 1) / rows, across = (n + columns - 1) / columns;
  parallel_for(down * across, 1, [&](int64_t tile, int64_t) {
    const int64_t i = tile / across * rows, j = tile % across * columns;
    const real* ai = ta == Trans::no ? a + i * lda : a + i;
    const real* bj = tb == Trans::no ? b + j : b + j * ldb;
    gemm(ta, tb, std::min(rows, m - i), std::min(columns, n - j), k, alpha, ai, lda, bj, ldb, beta, c + i * ldc + j,
         ldc);
  });
}

void gemv(Trans trans, int64_t rows, int64_t columns, const real* a, const real* x, real* y) {
  const OneThread one;
  if constexpr (sizeof(real) == 8) {
    cblas_dgemv(CblasRowMajor, cblas(trans), size(rows), size(columns), 1, reinterpret_cast<const double*>(a),
                size(columns), reinterpret_cast<const double*>(x), 1, 0, reinterpret_cast<double*>(y), 1);
  } else {
    cblas_sgemv(CblasRowMajor, cblas(trans), size(rows), size(columns), 1, reinterpret_cast<const float*>(a),
                size(columns), reinterpret_cast<const float*>(x), 1, 0, reinterpret_cast<float*>(y), 1);
  }
}

Svd svd(const Tensor& a) {
  if (a.rank() != 2) fail("svd: needs a matrix, not ", a.shape());
  need_finite("svd", a);
  const int64_t m = a.dim(0), n = a.dim(1), r = std::min(m, n);
  Svd out{Tensor({m, r}), Tensor({r}), Tensor({r, n})};
  if (r == 0) return out;
  Tensor work = a.clone();
  const OneThread one;
  if (call_svd(m, n, r, work.data(), out.s.data(), out.u.data(), out.vt.data()) == 0) return out;
  // Divide and conquer did not converge, which happens to some matrices; the slower iteration nearly always does.
  work = a.clone();
  std::vector<real> superdiagonal(static_cast<size_t>(r));
  if (const int info =
          call_slow_svd(m, n, r, work.data(), out.s.data(), out.u.data(), out.vt.data(), superdiagonal.data()))
    fail("svd: LAPACK's gesdd and gesvd did not converge on ", a.shape(), " (info ", info, ")");
  return out;
}

Eigen eigen_symmetric(const std::vector<double>& a, int64_t n) {
  need_square("eigen_symmetric", a, n);
  const auto count = static_cast<size_t>(n);
  std::vector<double> work = a, values(count);
  Eigen out{std::vector<double>(count), std::vector<double>(count * count)};
  if (n == 0) return out;
  const OneThread one;
  if (const int info = LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'L', size(n), work.data(), size(n), values.data()))
    fail("eigen_symmetric: LAPACK dsyevd did not converge on ", n, " x ", n, " (info ", info, ")");
  for (size_t i = 0; i < count; ++i) {
    out.values[i] = values[count - 1 - i];
    for (size_t j = 0; j < count; ++j) out.vectors[i * count + j] = work[j * count + (count - 1 - i)];
  }
  return out;
}

InverseCholesky inverse_cholesky(const std::vector<double>& a, int64_t n) {
  need_square("inverse_cholesky", a, n);
  InverseCholesky out{a, 0};
  std::vector<double>& work = out.inverse_lower;
  if (n == 0) return out;
  const OneThread one;
  if (const int info = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', size(n), work.data(), size(n)))
    fail("inverse_cholesky: the ", n, " x ", n, " matrix is not positive definite (info ", info, ")");
  for (int64_t i = 0; i < n; ++i) out.log_det += 2 * std::log(work[static_cast<size_t>(i * n + i)]);
  work = inverse_triangle(std::move(work), n);
  return out;
}

std::vector<double> inverse_triangle(std::vector<double> lower, int64_t n) {
  need_square("inverse_triangle", lower, n);
  if (n == 0) return lower;
  const OneThread one;
  if (const int info = LAPACKE_dtrtri(LAPACK_ROW_MAJOR, 'L', 'N', size(n), lower.data(), size(n)))
    fail("inverse_triangle: the ", n, " x ", n, " matrix is singular (info ", info, ")");
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = i + 1; j < n; ++j) lower[static_cast<size_t>(i * n + j)] = 0;
  return lower;
}

void add_second_moment(std::vector<double>& moment, const std::vector<double>& x, int64_t rows, int64_t n) {
  if (static_cast<int64_t>(moment.size()) != n * n || static_cast<int64_t>(x.size()) != rows * n)
    fail("add_second_moment: ", moment.size(), " and ", x.size(), " numbers for ", rows, " rows of ", n);
  if (rows == 0 || n == 0) return;
  const OneThread one;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, size(n), size(rows), 1, x.data(), size(n), 1, moment.data(),
              size(n));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = i + 1; j < n; ++j) moment[static_cast<size_t>(i * n + j)] = moment[static_cast<size_t>(j * n + i)];
}

std::vector<double> product(Trans ta, Trans tb, const std::vector<double>& a, const std::vector<double>& b, int64_t n,
                            int64_t k, int64_t m) {
  if (static_cast<int64_t>(a.size()) != n * k || static_cast<int64_t>(b.size()) != k * m)
    fail("product: ", a.size(), " and ", b.size(), " numbers for ", n, " x ", k, " times ", k, " x ", m);
  std::vector<double> c(static_cast<size_t>(n * m));
  if (n == 0 || k == 0 || m == 0) return c;
  const OneThread one;
  cblas_dgemm(CblasRowMajor, cblas(ta), cblas(tb), size(n), size(m), size(k), 1, a.data(),
              size(ta == Trans::no ? k : n), b.data(), size(tb == Trans::no ? m : k), 0, c.data(), size(m));
  return c;
}

}  // namespace iuf::kernel

namespace iuf {

std::string blas_description() {
  static const char* const models[] = {"sequential", "pthreads", "OpenMP"};
  const int model = openblas_get_parallel();
  return std::string(openblas_get_config()) + ", core " + openblas_get_corename() + ", threads " +
         (model >= 0 && model <= 2 ? models[model] : "unknown");
}

}  // namespace iuf
