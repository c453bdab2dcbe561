#include <catch2/catch.hpp>
#include <cmath>

#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;

// The linker has the test program's calls of LAPACK's divide and conquer end here.
namespace {

bool gesdd_fails = false;

}  // namespace

extern "C" {

int __real_LAPACKE_sgesdd(int layout, char job, int m, int n, float* a, int lda, float* s, float* u, int ldu, float* vt,
                          int ldvt);
int __wrap_LAPACKE_sgesdd(int layout, char job, int m, int n, float* a, int lda, float* s, float* u, int ldu, float* vt,
                          int ldvt);
int __wrap_LAPACKE_sgesdd(int layout, char job, int m, int n, float* a, int lda, float* s, float* u, int ldu, float* vt,
                          int ldvt) {
  if (!gesdd_fails) return __real_LAPACKE_sgesdd(layout, job, m, n, a, lda, s, u, ldu, vt, ldvt);
  a[0] = NAN;  // what it leaves is of no use
  return 1;
}
}

TEST_CASE("a decomposition that does not converge is made by the slower iteration", "[issues][svd_fallback]") {
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{7, 5}, {5, 7}, {1, 4}}) {
    Tensor a({rows, columns});
    fill_normal(a, 0, 1, 3);
    const kernel::Svd fast = kernel::svd(a);
    gesdd_fails = true;
    const kernel::Svd slow = kernel::svd(a);
    gesdd_fails = false;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < slow.s.size(); ++k)
          sum += double{slow.u.data()[i * slow.s.size() + k]} * double{slow.s.data()[k]} *
                 double{slow.vt.data()[k * columns + j]};
        CHECK(sum == Approx(a.data()[i * columns + j]).margin(1e-5));
      }
    for (int64_t k = 0; k < slow.s.size(); ++k) CHECK(slow.s.data()[k] == Approx(fast.s.data()[k]).margin(1e-5));
  }
}
