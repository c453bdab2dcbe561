#include "tensor/tensor.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

#include "support/golden.h"
#include "support/random_tensor.h"
#include "tensor/attention.h"
#include "tensor/blas.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/gemm/gemm.h"
#include "tensor/linear.h"
#include "tensor/matmul.h"
#include "tensor/norm.h"
#include "tensor/parallel.h"
#include "tensor/permute.h"
#include "tensor/random.h"
#include "tensor/reduce.h"
#include "tensor/simd.h"

using namespace iuf;

namespace {

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), static_cast<size_t>(a.size()) * sizeof(real)) == 0;
}

}  // namespace

TEST_CASE("reshape and rows alias, clone copies", "[tensor]") {
  Tensor x = random_tensor({4, 6}, 1);
  Tensor alias = x.reshape({2, -1}), part = x.rows(1, 2), copy = x.clone();
  x.data()[6] = 42;
  CHECK(alias.data()[6] == 42);
  CHECK(part.data()[0] == 42);
  CHECK(copy.data()[6] != 42);
  CHECK(alias.shape() == Shape{2, 12});
  CHECK_THROWS_WITH(x.reshape({5, 5}), Catch::Contains("[4, 6]") && Catch::Contains("[5, 5]"));
  CHECK_THROWS_AS(x.rows(3, 2), Error);
  CHECK_THROWS_AS(x.item(), Error);
}

TEST_CASE("shapes that do not fit are errors that name both", "[tensor]") {
  const Tensor a = random_tensor({2, 3}, 1), b = random_tensor({4, 3}, 2);
  CHECK_THROWS_WITH(kernel::add(a, b), Catch::Contains("[2, 3]") && Catch::Contains("[4, 3]"));
  CHECK_THROWS_WITH(kernel::matmul(a, b), Catch::Contains("[2, 3]") && Catch::Contains("[4, 3]"));
  CHECK_THROWS_WITH(kernel::linear(a, random_tensor({5, 4}, 3), Tensor()), Catch::Contains("[5, 4]"));
  CHECK(Shape({int64_t{1} << 28, int64_t{1} << 28}).size() == Shape::kMaxSize);
  CHECK_THROWS_WITH(Shape({int64_t{1} << 28, (int64_t{1} << 28) + 1}).size(), Catch::Contains("2^56"));
  CHECK_THROWS_AS(Shape({int64_t{1} << 40, int64_t{1} << 40}).size(), Error);
}

TEST_CASE("products equal sums written out, for every transposition", "[tensor][gemm]") {
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{3, 5, 7}, {200, 300, 33}, {1, 17, 400}}) {
    for (const Trans ta : {Trans::no, Trans::yes})
      for (const Trans tb : {Trans::no, Trans::yes}) {
        const Tensor a = random_tensor(ta == Trans::yes ? Shape{k, m} : Shape{m, k}, 1),
                     b = random_tensor(tb == Trans::yes ? Shape{n, k} : Shape{k, n}, 2);
        const kernel::MatrixView va = view(a), vb = view(b);
        const Tensor y = kernel::matmul(a, b, ta, tb);
        Tensor expected({m, n});
        kernel::gemm_naive(ta == Trans::yes ? va.transposed() : va, tb == Trans::yes ? vb.transposed() : vb, nullptr,
                           expected.data(), n);
        check_close("product", y, expected, 1e-7 * static_cast<double>(k));
      }
  }
}

TEST_CASE("fused attention equals its slow twin, with and without mask, shared queries or few keys",
          "[tensor][attention]") {
  for (const auto& [t, s, c] : {std::array<int64_t, 3>{19, 23, 24}, {61, 40, 16}, {28, 16, 64}}) {
    const Tensor q = random_tensor({3, t, c}, 1), k = random_tensor({3, s, c}, 2), v = random_tensor({3, s, c}, 3);
    Tensor mask = Tensor::zeros({t, s});
    for (int64_t i = 0; i < mask.size(); i += 3) mask.data()[i] = -INFINITY;
    for (const Tensor& m : {Tensor(), mask})
      for (const int64_t heads : {int64_t{1}, int64_t{2}, int64_t{4}, c})
        for (const Tensor& queries : {q, q.rows(1, 1)})
          check_close("attention", kernel::attention(queries, k, v, {.heads = heads, .mask = m}).y,
                      kernel::attention_naive(queries, k, v, {.heads = heads, .mask = m}), 2e-6);
    CHECK_THROWS_AS(kernel::attention(q, k, v, {.heads = 5}), Error);
  }
}

TEST_CASE("attention, feed-forward layers, permutations and slices say which size does not fit", "[tensor]") {
  const Tensor q = random_tensor({2, 3, 8}, 1), k = random_tensor({2, 5, 8}, 2);
  const auto attend = [](const Tensor& query, const Tensor& key, const Tensor& value) {
    return kernel::attention(query, key, value, {});
  };
  CHECK_THROWS_WITH(attend(q, random_tensor({5, 8}, 2), k),
                    Catch::Contains("k [5, 8]") && Catch::Contains("three axes"));
  CHECK_THROWS_WITH(attend(q, k, q), Catch::Contains("k and v must be of equal shape"));
  CHECK_THROWS_WITH(attend(random_tensor({2, 3, 4}, 1), k, k), Catch::Contains("equally many channels"));
  CHECK_THROWS_WITH(attend(random_tensor({3, 3, 8}, 1), k, k), Catch::Contains("the batch of k, or 1"));
  const auto feed = [](const Shape& x, const Shape& w1, const Shape& b1, const Shape& w2, const Shape& b2) {
    return kernel::feed_forward(random_tensor(x, 1), random_tensor(w1, 2), random_tensor(b1, 3), random_tensor(w2, 4),
                                random_tensor(b2, 5), {}, kernel::Keep::nothing);
  };
  CHECK_THROWS_WITH(feed({2, 3}, {4, 2}, {4}, {2, 4}, {2}), Catch::Contains("the last axis of x"));
  CHECK_THROWS_WITH(feed({2, 3}, {4, 3}, {4}, {2, 5}, {2}),
                    Catch::Contains("[2, 5]") && Catch::Contains("second weight"));
  CHECK_THROWS_WITH(feed({2, 3}, {4, 3}, {3}, {2, 4}, {2}), Catch::Contains("the first bias"));
  CHECK_THROWS_WITH(feed({2, 3}, {4, 3}, {4}, {2, 4}, {3}), Catch::Contains("the second bias"));
  CHECK_THROWS_WITH(kernel::permute(q, std::vector{0, 1, 3}), Catch::Contains("no axis 3 in [2, 3, 8]"));
  CHECK_THROWS_WITH(kernel::permute(q, std::vector{0, 1, 1}), Catch::Contains("axis 1 of [2, 3, 8] is named twice"));
  CHECK_THROWS_WITH(kernel::slice(q, 1, 2, 2), Catch::Contains("[2, 4) of axis 1 lies outside [2, 3, 8]"));
  CHECK_THROWS_WITH(kernel::patches(random_tensor({1, 4, 3, 2}, 1), 4), Catch::Contains("none of 4 x 4 pixels"));
}

TEST_CASE("a value that is not finite stays visible in attention and its gradients", "[tensor][attention]") {
  for (const real bad : {std::numeric_limits<real>::quiet_NaN(), std::numeric_limits<real>::infinity()}) {
    const Tensor q = random_tensor({1, 40, 16}, 1), v = random_tensor({1, 20, 16}, 3);
    Tensor k = random_tensor({1, 20, 16}, 2);
    k.data()[5 * 16 + 3] = bad;
    const auto forward = kernel::attention(q, k, v, {.heads = 1});
    const auto gradient = kernel::attention_backward(q, q, k, v, forward, {.heads = 1});
    const auto is_nan = [](real x) { return std::isnan(x); };
    for (const Tensor& t : {forward.y, gradient.dq, gradient.dk, gradient.dv})
      CHECK(std::any_of(t.data(), t.data() + t.size(), is_nan));
    CHECK(std::all_of(gradient.dv.data(), gradient.dv.data() + gradient.dv.size(), is_nan));
  }
}

TEST_CASE("an infinite product stays infinite behind relu", "[tensor][gemm]") {
  const real infinity = std::numeric_limits<real>::infinity();
  const Tensor y = kernel::linear(Tensor::full({1, 1}, infinity), Tensor::full({20, 1}, 1), Tensor(), Activation::relu);
  CHECK(std::count(y.data(), y.data() + y.size(), infinity) == 20);
}

TEST_CASE("results do not depend on the number of threads, bit for bit", "[tensor][parallel]") {
  const int before = omp_get_max_threads();
  const auto compute = [] {
    const Tensor x = random_tensor({700, 96}, 1), w = random_tensor({130, 96}, 2), q = random_tensor({5, 60, 32}, 3);
    std::vector<Tensor> results{kernel::linear(x, w, Tensor()),
                                kernel::linear_backward_weight(random_tensor({700, 130}, 4), x),
                                kernel::column_sum(x),
                                kernel::attention(q, q, q, {.heads = 4, .dropout = real(0.2), .stream = 3}).y,
                                kernel::dropout(x, real(0.3), 9),
                                Tensor::scalar(static_cast<real>(kernel::sum_of_squares(x)))};
    const Tensor gamma = random_tensor({96}, 5);
    const auto norm = kernel::layer_norm(x, gamma, gamma, real(1e-5));
    const auto gradient = kernel::layer_norm_backward(x, x, gamma, norm);
    results.insert(results.end(), {norm.y, gradient.dx, gradient.dgamma});
    const kernel::AttentionOptions options{.heads = 4, .dropout = real(0.2), .stream = 3};
    const auto of_attention = kernel::attention_backward(q, q, q, q, kernel::attention(q, q, q, options), options);
    results.insert(results.end(), {of_attention.dq, of_attention.dk, of_attention.dv});
    const Tensor w2 = random_tensor({96, 130}, 6), b1 = random_tensor({130}, 7);
    const auto forward = kernel::feed_forward(x, w, b1, w2, gamma, {real(0.3), 7}, kernel::Keep::hidden);
    const auto of_layers =
        kernel::feed_forward_backward(x, x, forward.hidden, w, w2, {real(0.3), 7}, kernel::InputGradient::compute);
    results.insert(results.end(), {forward.y, of_layers.dx, of_layers.dweight1, of_layers.dbias1, of_layers.dweight2,
                                   of_layers.dbias2});
    return results;
  };
  omp_set_num_threads(1);
  const auto one = compute();
  for (const int threads : {2, 3, 7}) {
    omp_set_num_threads(threads);
    const auto many = compute();
    for (size_t i = 0; i < one.size(); ++i) {
      INFO("result " << i << " with " << threads << " threads");
      CHECK(same_bits(one[i], many[i]));
    }
  }
  omp_set_num_threads(before);
}

TEST_CASE("the first block's exception reaches the caller, and loops go on with fewer and more threads",
          "[tensor][parallel]") {
  const int before = omp_get_max_threads();
  for (const int threads : {1, 4, 2, 3, 7}) {
    omp_set_num_threads(threads);
    std::vector<std::atomic<int>> count(100);
    for (const int64_t first : {0, 37, 99})
      CHECK_THROWS_WITH(parallel_for(100, 1,
                                     [&](int64_t i, int64_t) {
                                       ++count[static_cast<size_t>(i)];
                                       if (i >= first) fail("number ", i, ".");
                                     }),
                        Catch::Contains("number " + std::to_string(first) + "."));
    for (int i = 0; i < 37; ++i) CHECK(count[static_cast<size_t>(i)] >= (i < 1 ? 3 : 2));
    if (threads == 1) CHECK((count[1] == 2 && count[38] == 1));
    std::vector<std::atomic<int>> again(100);
    parallel_for(100, 7, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) ++again[static_cast<size_t>(i)];
    });
    CHECK(std::all_of(again.begin(), again.end(), [](int n) { return n == 1; }));
  }
  omp_set_num_threads(before);
}

TEST_CASE("products without rows, inputs or outputs are empty or nothing but the bias", "[tensor][gemm]") {
  for (const auto& [m, k, n] : {std::array<int64_t, 3>{0, 5, 3}, {4, 0, 3}, {4, 5, 0}, {0, 0, 0}}) {
    const Tensor x({m, k}), w({n, k}), dy = random_tensor({m, n}, 1), bias = random_tensor({n}, 2);
    const Tensor y = kernel::linear(x, w, bias);
    CHECK(y.shape() == Shape{m, n});
    if (k == 0)
      for (int64_t i = 0; i < m; ++i) CHECK(same_bits(y.rows(i, 1), bias.reshape({1, n})));
    if (n == 0) CHECK(kernel::sum_of_squares(kernel::linear_backward_input(dy, w)) == 0);
    Tensor dbias;
    CHECK(kernel::sum_of_squares(kernel::linear_backward_weight(dy, x, &dbias)) == 0);
    CHECK(same_bits(dbias, kernel::linear_backward_bias(dy)));
    CHECK(dbias.size() == n);
    CHECK(kernel::matmul(x, w, Trans::no, Trans::yes).shape() == Shape{m, n});
  }
}

TEST_CASE("every block of parallel loops inside each other and from several threads runs once", "[tensor][parallel]") {
  const int before = omp_get_max_threads();
  omp_set_num_threads(3);
  std::vector<std::atomic<int>> count(4 * 50 * 20);
  std::vector<std::thread> callers;
  for (int64_t c = 0; c < 4; ++c)
    callers.emplace_back([&, c] {
      omp_set_num_threads(3);
      parallel_for(50, 1, [&](int64_t i, int64_t) {
        parallel_for(20, 3, [&](int64_t begin, int64_t end) {
          for (int64_t j = begin; j < end; ++j) ++count[static_cast<size_t>((c * 50 + i) * 20 + j)];
        });
      });
    });
  for (std::thread& caller : callers) caller.join();
  omp_set_num_threads(before);
  CHECK_FALSE(in_parallel());
  CHECK(std::all_of(count.begin(), count.end(), [](int n) { return n == 1; }));
}

TEST_CASE("linear equals the product with its transposed weight, and a row does not depend on those beside it",
          "[tensor][gemm]") {
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{1, 16, 5}, {231, 48, 33}, {400, 32, 1024}, {30, 5, 20}}) {
    const Tensor x = random_tensor({m, k}, 1), w = random_tensor({n, k}, 2),
                 bias = random_tensor({3 * n}, 3).rows(5, n);
    const Tensor y = kernel::linear(x, w, bias, Activation::relu);
    check_close("linear", y, kernel::linear_naive(x, w, bias, Activation::relu), 1e-7 * static_cast<double>(k));
    Tensor dx({m, k}), dw({n, k});
    kernel::gemm_naive(view(y), view(w), nullptr, dx.data(), k);
    check_close("input gradient", kernel::linear_backward_input(y, w), dx, 1e-7 * static_cast<double>(n));
    kernel::gemm_naive(view(y).transposed(), view(x), nullptr, dw.data(), k);
    check_close("weight gradient", kernel::linear_backward_weight(y, x), dw, 1e-7 * static_cast<double>(m));
    CHECK(same_bits(kernel::linear(x, w, bias, Activation::relu, {.rate = real(0.3), .stream = 7}),
                    kernel::dropout(y, real(0.3), 7)));
    CHECK(same_bits(kernel::linear(x.rows(m / 2, 1), w, bias, Activation::relu), y.rows(m / 2, 1)));
  }
}

TEST_CASE("feed_forward and its gradients equal those of its layers", "[tensor][gemm]") {
  for (const auto& [m, k, h, n] : {std::array<int64_t, 4>{231, 48, 1024, 32},
                                   {30, 20, 64, 16},
                                   {400, 16, 32, 48},
                                   {9, 7, 5, 3},
                                   {70, 20, 1024, 16},
                                   {400, 16, 1020, 48}})
    for (const kernel::Dropout& dropped : {kernel::Dropout{}, kernel::Dropout{real(0.3), 7}}) {
      const Tensor x = random_tensor({m, k}, 1), w1 = random_tensor({h, k}, 2), b1 = random_tensor({h}, 3),
                   w2 = random_tensor({n, h}, 4), b2 = random_tensor({n}, 5);
      const Tensor dy = random_tensor({m, n}, 6), hidden = kernel::linear(x, w1, b1, Activation::relu, dropped);
      const auto forward = kernel::feed_forward(x, w1, b1, w2, b2, dropped, kernel::Keep::hidden);
      CHECK(same_bits(forward.y, kernel::linear(hidden, w2, b2)));
      if (dropped.rate == 0)
        check_close("feed forward", forward.y, kernel::feed_forward_naive(x, w1, b1, w2, b2),
                    1e-7 * static_cast<double>(h + k));
      CHECK(same_bits(forward.y, kernel::feed_forward(x, w1, b1, w2, b2, dropped, kernel::Keep::nothing).y));
      const Tensor dz =
          kernel::positive_backward(hidden, kernel::linear_backward_input(dy, w2), kernel::dropout_row(dropped).keep);
      const auto gradient =
          kernel::feed_forward_backward(dy, x, forward.hidden, w1, w2, dropped, kernel::InputGradient::compute);
      CHECK(same_bits(gradient.dx, kernel::linear_backward_input(dz, w1)));
      Tensor dbias;
      CHECK(same_bits(gradient.dweight1, kernel::linear_backward_weight(dz, x, &dbias)));
      CHECK(same_bits(gradient.dbias1, dbias));
      CHECK(same_bits(dbias, kernel::linear_backward_bias(dz)));
      check_close("bias gradient", dbias, kernel::column_sum(dz), 1e-7 * static_cast<double>(m));
      CHECK(same_bits(gradient.dweight2, kernel::linear_backward_weight(dy, hidden, &dbias)));
      CHECK(same_bits(gradient.dbias2, dbias));
      CHECK_FALSE(kernel::feed_forward_backward(dy, x, forward.hidden, w1, w2, dropped, kernel::InputGradient::skip)
                      .dx.defined());
    }
  CHECK_THROWS_AS(kernel::feed_forward(random_tensor({2, 3}, 1), random_tensor({4, 3}, 2), random_tensor({4}, 3),
                                       random_tensor({2, 5}, 4), random_tensor({2}, 5), {}, kernel::Keep::hidden),
                  Error);
}

TEST_CASE("logarithm, cosine and sine are as close as they say", "[tensor][simd]") {
  for (double x = 1e-8; x < 1e4; x *= 1.0037) {
    const double exact = std::log(static_cast<double>(static_cast<real>(x)));
    CHECK_FALSE(std::abs(static_cast<double>(simd::log(static_cast<real>(x))) - exact) >
                2e-7 * std::max(1.0, std::abs(exact)));
  }
  for (int i = 0; i <= 4096; ++i) {
    const double u = i / 4096.0, angle = 2 * std::numbers::pi * u;
    real cosine, sine;
    simd::cos_sin_2pi(static_cast<real>(u), cosine, sine);
    CHECK_FALSE(std::abs(static_cast<double>(cosine) - std::cos(angle)) > 2e-7);
    CHECK_FALSE(std::abs(static_cast<double>(sine) - std::sin(angle)) > 2e-7);
  }
}

TEST_CASE("dropout keeps the promised share and scale, and its backward pass the same mask", "[tensor][dropout]") {
  const Tensor x = Tensor::full({200, 500}, 1), y = kernel::dropout(x, real(0.1), 77);
  int64_t kept = 0;
  for (const real v : y.span()) {
    CHECK_FALSE((v != 0 && std::abs(v - real(1) / real(0.9)) > real(1e-5)));  // the rate is a multiple of 2^-16
    kept += v != 0;
  }
  // 100,000 draws of p = 0.9: one deviation is 95.
  CHECK(std::abs(kept - 90000) < 5 * 95);
  CHECK(same_bits(y, kernel::dropout(x, real(0.1), 77)));
  CHECK_FALSE(same_bits(y, kernel::dropout(x, real(0.1), 78)));
  // A block may begin and end anywhere.
  for (const auto& [begin, end] : {std::array<int64_t, 2>{0, 7}, {13, 100}, {64, 128}, {95, 97}}) {
    Tensor part = Tensor::full({end - begin}, 1);
    kernel::dropout_in_place(part.data(), end - begin, kernel::dropout_row({real(0.1), 77}),
                             static_cast<uint32_t>(begin));
    CHECK(std::equal(part.data(), part.data() + (end - begin), y.data() + begin));
  }
}

TEST_CASE("powers of 2 with negative exponents are as close as they say", "[tensor][simd]") {
  for (double x = 0; x > -190; x -= 0.00317) {
    const double y = static_cast<double>(simd::exp2_of_negative(static_cast<real>(x))),
                 exact = std::exp2(static_cast<double>(static_cast<real>(x)));
    CHECK_FALSE(std::abs(y - exact) > 2e-7);
    if (x > -126) CHECK_FALSE(std::abs(y - exact) > 3e-7 * exact);
  }
  CHECK(simd::exp2_of_negative(-std::numeric_limits<real>::infinity()) < 1e-37);
  CHECK(std::isnan(simd::exp2_of_negative(std::numeric_limits<real>::quiet_NaN())));
}

TEST_CASE("normal numbers have the promised mean and deviation", "[tensor][random]") {
  Tensor x({100001});
  fill_normal(x, 2, 3, 5);
  const double mean = kernel::sum(x) / 100001, variance = kernel::sum_of_squares(x) / 100001 - mean * mean;
  CHECK(std::abs(mean - 2) < 5 * 3 / std::sqrt(1e5));
  CHECK(std::abs(std::sqrt(variance) - 3) < 5 * 3 / std::sqrt(2e5));
}

TEST_CASE("a permutation holds every number once and depends on its stream", "[tensor][random]") {
  auto order = random_permutation(1000, 1);
  CHECK(order != random_permutation(1000, 2));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) CHECK(order[static_cast<size_t>(i)] == i);
}

TEST_CASE("the fast exponential and error function are as accurate as they say", "[tensor][simd]") {
  double worst_exp = 0, worst_erf = 0;
  for (int i = -87000; i <= 88000; ++i) {
    const real x = static_cast<real>(i) / 1000;
    worst_exp = std::max(worst_exp, std::abs(static_cast<double>(simd::exp(x)) / std::exp(static_cast<double>(x)) - 1));
    const real z = static_cast<real>(i) / 20000;
    worst_erf = std::max(worst_erf, std::abs(static_cast<double>(simd::erf(z)) - std::erf(static_cast<double>(z))));
  }
  CHECK(worst_exp < 3e-7);
  CHECK(worst_erf < 6e-7);
  CHECK(simd::exp(-INFINITY) == 0);
}

TEST_CASE("eigenvectors rebuild the matrix and the whitener undoes it", "[tensor][lapack]") {
  const int64_t n = 7;
  std::vector<double> a(49, 0);
  const Tensor x = random_tensor({20, n}, 8);
  kernel::add_second_moment(a, {x.data(), x.data() + x.size()}, 20, n);
  const kernel::Eigen eigen = kernel::eigen_symmetric(a, n);
  const kernel::InverseCholesky inverse = kernel::inverse_cholesky(a, n);
  double log_det = 0;
  for (int64_t i = 0; i < n; ++i) {
    log_det += std::log(eigen.values[static_cast<size_t>(i)]);
    if (i) CHECK(eigen.values[static_cast<size_t>(i)] <= eigen.values[static_cast<size_t>(i - 1)]);
    for (int64_t j = 0; j < n; ++j) {
      double rebuilt = 0, identity = 0;
      for (int64_t k = 0; k < n; ++k) {
        rebuilt += eigen.values[static_cast<size_t>(k)] * eigen.vectors[static_cast<size_t>(k * n + i)] *
                   eigen.vectors[static_cast<size_t>(k * n + j)];
        for (int64_t l = 0; l < n; ++l)
          identity += inverse.inverse_lower[static_cast<size_t>(i * n + k)] * a[static_cast<size_t>(k * n + l)] *
                      inverse.inverse_lower[static_cast<size_t>(j * n + l)];
      }
      CHECK(rebuilt == Approx(a[static_cast<size_t>(i * n + j)]).margin(1e-12));
      CHECK(identity == Approx(i == j ? 1 : 0).margin(1e-12));
    }
  }
  CHECK(inverse.log_det == Approx(log_det));
  CHECK_THROWS_AS(kernel::inverse_cholesky({1, 2, 2, 1}, 2), Error);
  CHECK_THROWS_AS(kernel::eigen_symmetric({NAN}, 1), Error);
}
