#include "tensor/gemm/gemm.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "support/golden.h"
#include "support/random_tensor.h"
#include "tensor/random.h"

using namespace iuf;
using namespace iuf::kernel;

namespace {

struct Case {
  int64_t m, n, k;
};
const Case kCases[] = {{1, 16, 5}, {14, 32, 64}, {29, 33, 7}, {45, 100, 19}, {3, 1, 200}};

// A bias in the 64-byte aligned memory of a packed matrix.
PackedMatrix packed(const Tensor& b, const Tensor& bias) {
  PackedMatrix m(b.dim(0), b.dim(1));
  m.pack(b.data(), b.dim(1));
  std::copy_n(bias.data(), bias.size(), m.bias());
  return m;
}

}  // namespace

TEST_CASE("a packed matrix holds panels of 16 columns with zeros behind the last, from either order in memory",
          "[tensor][gemm]") {
  for (const Case& c : kCases) {
    const Tensor b = random_tensor({c.k, c.n + 3}, 1);  // rows further apart than they are long
    Tensor transposed({c.n, c.k + 5});
    for (int64_t r = 0; r < c.k; ++r)
      for (int64_t i = 0; i < c.n; ++i) transposed.data()[i * (c.k + 5) + r] = b.data()[r * (c.n + 3) + i];
    PackedMatrix from_rows(c.k, c.n), from_columns(c.k, c.n);
    from_rows.pack(b.data(), c.n + 3);
    from_columns.pack_transposed(transposed.data(), c.k + 5);
    for (int64_t i = 0; i < from_rows.padded_cols(); ++i)
      for (int64_t r = 0; r < c.k; ++r) {
        const int64_t at = (i / kPanelWidth * c.k + r) * kPanelWidth + i % kPanelWidth;
        const real expected = i < c.n ? b.data()[r * (c.n + 3) + i] : 0;
        REQUIRE(from_rows.view().data[at] == expected);
        REQUIRE(from_columns.view().data[at] == expected);
      }
  }
}

TEST_CASE("a packed product equals its slow twin: bias, activation, accumulation, transposed A, prefetching",
          "[tensor][gemm]") {
  for (const Case& c : kCases)
    for (const Activation f : {Activation::none, Activation::relu, Activation::gelu})
      for (const Accumulate accumulate : {Accumulate::no, Accumulate::yes}) {
        INFO(c.m << " x " << c.k << " by " << c.n << ", activation " << static_cast<int>(f));
        const Tensor a = random_tensor({c.m, c.k}, 1), a_transposed = random_tensor({c.k, c.m}, 2),
                     b = random_tensor({c.k, c.n}, 3), bias = random_tensor({c.n}, 4);
        const PackedMatrix m = packed(b, bias);
        const int64_t ldc = m.padded_cols() + 16;
        const Prefetch next = {
            .data = {a.data(), b.data()}, .rows = std::min(c.m, c.k), .cols = {c.k, c.n}, .row_stride = {c.k, c.n}};
        for (const MatrixView& left : {view(a), view(a_transposed).transposed()})
          for (const Prefetch* prefetch : {static_cast<const Prefetch*>(nullptr), &next}) {
            Tensor got = random_tensor({c.m, ldc}, 5), expected = got.clone();
            gemm_padded(left, m, got.data(), ldc, {.activation = f, .accumulate = accumulate, .prefetch = prefetch});
            gemm_naive(left, view(b), bias.data(), expected.data(), ldc, {.activation = f, .accumulate = accumulate});
            for (int64_t r = 0; r < c.m; ++r)
              for (int64_t i = 0; i < c.n; ++i)
                REQUIRE(std::abs(static_cast<double>(got.data()[r * ldc + i]) -
                                 static_cast<double>(expected.data()[r * ldc + i])) <
                        2e-6 + 2e-7 * static_cast<double>(c.k));
            // Behind the padded columns nothing is written.
            for (int64_t r = 0; r < c.m; ++r)
              REQUIRE(std::equal(got.data() + r * ldc + m.padded_cols(), got.data() + (r + 1) * ldc,
                                 expected.data() + r * ldc + m.padded_cols()));
          }
      }
}

TEST_CASE("a packed product with no more columns than B has the bits of the padded one", "[tensor][gemm]") {
  for (const Case& c : kCases) {
    const Tensor a = random_tensor({c.m, c.k}, 1), b = random_tensor({c.k, c.n}, 3), bias = random_tensor({c.n}, 4);
    const PackedMatrix m = packed(b, bias);
    Tensor close = Tensor::full({c.m * c.n + 1}, 77), padded({c.m, m.padded_cols()});
    gemm_packed(view(a), m, close.data(), c.n, Activation::relu);
    gemm_padded(view(a), m, padded.data(), m.padded_cols(), {.activation = Activation::relu});
    for (int64_t r = 0; r < c.m; ++r)
      CHECK(std::equal(close.data() + r * c.n, close.data() + (r + 1) * c.n, padded.data() + r * m.padded_cols()));
    CHECK(close.data()[c.m * c.n] == 77);
  }
}

TEST_CASE("a product whose inner sizes differ is refused with both", "[tensor][gemm]") {
  const Tensor a = random_tensor({2, 3}, 1);
  PackedMatrix m(4, 16);
  m.pack(random_tensor({4, 16}, 2).data(), 16);
  Tensor c({2, 16});
  CHECK_THROWS_WITH(gemm_padded(view(a), m, c.data(), 16), Catch::Contains("3 columns") && Catch::Contains("4 rows"));
}
