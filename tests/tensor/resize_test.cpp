#include "tensor/resize.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "tensor/parallel.h"

using namespace iuf;
using namespace iuf::kernel;

namespace {

// Values in [-1, 1].
Tensor pattern(const Shape& shape) {
  Tensor x(shape);
  uint32_t state = 1;
  for (real& v : x.span()) {
    state = state * 1664525u + 1013904223u;
    v = static_cast<real>(static_cast<double>(state >> 8) / (1 << 23) - 1);
  }
  return x;
}

// Averaging values up to 1 costs some units of 2^-24.
void check(const Tensor& out, const Tensor& expected) {
  REQUIRE(out.shape() == expected.shape());
  double worst = 0;
  for (int64_t i = 0; i < out.size(); ++i) {
    const double difference = std::abs(static_cast<double>(out.data()[i]) - static_cast<double>(expected.data()[i]));
    if (!(difference <= worst)) worst = difference;
  }
  CHECK(worst < 10 * std::pow(2.0, -24));
}

}  // namespace

TEST_CASE("bilinear resizing equals interpolation written out", "[tensor][resize]") {
  const std::array<int64_t, 4> sizes[] = {{14, 14, 56, 56}, {56, 40, 14, 14}, {7, 5, 7, 5},
                                          {1, 9, 4, 3},     {5, 6, 1, 1},     {3, 3, 8, 2}};
  for (const auto& [h, w, height, width] : sizes)
    for (const int64_t channels : {1, 3, 24})
      for (const Align align : {Align::corners, Align::edges}) {
        INFO(h << " x " << w << " to " << height << " x " << width << ", " << channels << " channels");
        const Tensor map = pattern({2, h, w, channels}), out = resize_bilinear(map, height, width, align);
        REQUIRE(out.shape() == Shape({2, height, width, channels}));
        check(out, resize_bilinear_naive(map, height, width, align));
      }
}

TEST_CASE("area pooling is the mean over each pixel's share", "[tensor][resize]") {
  const std::array<int64_t, 4> sizes[] = {{56, 56, 14, 14}, {15, 13, 4, 5}, {3, 3, 7, 2}, {6, 4, 1, 1}};
  for (const auto& [h, w, height, width] : sizes) {
    const Tensor map = pattern({2, h, w, 5}), out = pool_area(map, height, width);
    REQUIRE(out.shape() == Shape({2, height, width, 5}));
    check(out, pool_area_naive(map, height, width));
  }
}

TEST_CASE("average pooling counts the padding as zeros", "[tensor][resize]") {
  for (const auto& [kernel, stride, padding] : {std::array<int64_t, 3>{3, 1, 1}, {3, 2, 0}, {2, 2, 1}, {5, 3, 2}}) {
    const Tensor map = pattern({2, 9, 7, 6}), out = average_pool(map, kernel, stride, padding);
    REQUIRE(out.dim(1) == (9 + 2 * padding - kernel) / stride + 1);
    REQUIRE(out.dim(2) == (7 + 2 * padding - kernel) / stride + 1);
    check(out, average_pool_naive(map, kernel, stride, padding));
  }
}

TEST_CASE("Gaussian smoothing gives SciPy's values", "[tensor][resize]") {
  // scipy.ndimage.gaussian_filter([[0, 1, 2], [3, 5, 8], [13, 21, 34]], SIGMA); the last one is wider than the map.
  const Tensor map({1, 3, 3}, std::vector<real>{0, 1, 2, 3, 5, 8, 13, 21, 34});
  const std::vector<std::pair<real, std::vector<double>>> cases = {
      {real(0.5),
       {0.442487444, 1.44366465, 2.51828941, 4.01905719, 6.42145432, 9.72135934, 12.7197046, 19.7751688, 29.9388142}},
      {real(1.0),
       {2.47878004, 3.62508593, 4.83965156, 6.66063583, 9.11227249, 11.7748514, 11.8813276, 16.03922, 20.5881751}},
      {real(3.0),
       {9.55558364, 9.58885366, 9.62214888, 9.6330883, 9.66660308, 9.7001433, 9.71075768, 9.74451783, 9.77830364}}};
  for (const auto& [sigma, expected] : cases) {
    const Tensor out = gaussian_blur(map, sigma);
    for (size_t i = 0; i < 9; ++i) CHECK(static_cast<double>(out.data()[i]) == Approx(expected[i]).epsilon(1e-6));
  }
}

TEST_CASE("Gaussian smoothing equals its slow twin, wider than the map, too", "[tensor][resize]") {
  const Tensor map = pattern({2, 13, 9});
  for (const double sigma : {0.0, 0.1, 0.7, 1.5, 5.0})
    check(gaussian_blur(map, static_cast<real>(sigma)), gaussian_blur_naive(map, static_cast<real>(sigma)));
}

TEST_CASE("Gaussian smoothing keeps constants and the sum of a map", "[tensor][resize]") {
  const Tensor flat = gaussian_blur(Tensor::full({2, 20, 11}, 3), 4);
  for (const real v : flat.span()) CHECK(static_cast<double>(v) == Approx(3).epsilon(1e-6));
  const Tensor map = pattern({1, 40, 31}), out = gaussian_blur(map, real(2.5));
  double before = 0, after = 0;
  for (int64_t i = 0; i < map.size(); ++i) {
    before += static_cast<double>(map.data()[i]);
    after += static_cast<double>(out.data()[i]);
  }
  CHECK(after == Approx(before).margin(1e-3));
  CHECK(gaussian_blur(map, 0).data()[7] == map.data()[7]);
}

TEST_CASE("resizing and smoothing do not depend on the number of threads", "[tensor][resize]") {
  const Tensor map = pattern({3, 21, 18, 4}), single = pattern({3, 40, 17});
  const int before = thread_count();
  std::vector<std::vector<Tensor>> results;
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    results.push_back({resize_bilinear(map, 30, 9, Align::corners), pool_area(map, 5, 4), average_pool(map, 3, 1, 1),
                       gaussian_blur(single, 2)});
  }
  set_thread_count(before);
  for (size_t t = 1; t < results.size(); ++t)
    for (size_t i = 0; i < 4; ++i)
      CHECK(std::equal(results[t][i].data(), results[t][i].data() + results[t][i].size(), results[0][i].data()));
}

TEST_CASE("maps and sizes that make no sense are refused by name", "[tensor][resize]") {
  const Tensor map = Tensor::zeros({1, 4, 4, 2});
  CHECK_THROWS_WITH(resize_bilinear(map, 0, 3, Align::corners), Catch::Contains("resize_bilinear"));
  CHECK_THROWS_WITH(resize_bilinear(Tensor::zeros({4, 4}), 2, 2, Align::corners), Catch::Contains("[4, 4]"));
  CHECK_THROWS_WITH(resize_bilinear(Tensor::zeros({1, 0, 4, 2}), 2, 2, Align::corners),
                    Catch::Contains("[1, 0, 4, 2]"));
  CHECK_THROWS_WITH(pool_area(map, 2, -1), Catch::Contains("pool_area"));
  CHECK_THROWS_WITH(average_pool(map, 0, 1, 0), Catch::Contains("average_pool: kernel 0"));
  CHECK_THROWS_WITH(average_pool(map, 3, 0, 1), Catch::Contains("average_pool: stride 0"));
  CHECK_THROWS_WITH(average_pool(map, 3, 1, 2), Catch::Contains("padding 2"));
  CHECK_THROWS_WITH(average_pool(map, 7, 1, 1), Catch::Contains("kernel 7 is larger than maps of [1, 4, 4, 2]"));
  CHECK_THROWS_WITH(gaussian_blur(Tensor::zeros({1, 4, 4}), -1), Catch::Contains("sigma"));
  CHECK(resize_bilinear(Tensor::zeros({0, 4, 4, 2}), 2, 2, Align::corners).dim(0) == 0);
}
