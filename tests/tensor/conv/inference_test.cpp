#include "tensor/conv/inference.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/conv/depthwise_inference.h"
#include "tensor/error.h"

using namespace iuf;
using namespace iuf::kernel;

namespace {

// Values in [-1, 1], different for every seed.
Tensor pattern(const Shape& shape, uint32_t seed) {
  Tensor x(shape);
  uint32_t state = seed * 2654435761u + 1;
  for (real& v : x.span()) {
    state = state * 1664525u + 1013904223u;
    v = static_cast<real>(static_cast<double>(state >> 8) / (1 << 23) - 1);
  }
  return x;
}

std::vector<CpuLevel> levels() {
  std::vector<CpuLevel> all = {CpuLevel::v1};
  if (cpu_level() != CpuLevel::v1) all.push_back(CpuLevel::v3);
  if (cpu_level() == CpuLevel::v4) all.push_back(CpuLevel::v4);
  return all;
}

// A sum of n products of up to 2 grows like sqrt(n) and is rounded n times: about n * 2^-24, for the worst of some
// thousand sums twice that; plus what exp and erf are approximated by.
double tolerance(int64_t n) {
  return 2 * static_cast<double>(n) * std::pow(2.0, -24) + 2e-6;
}

struct Case {
  int64_t inputs, outputs, kernel, stride, pixels, rows;
  bool residual;
  Activation activation;
};

void check_conv(const Case& c, CpuLevel level) {
  INFO("inputs " << c.inputs << ", outputs " << c.outputs << ", kernel " << c.kernel << ", stride " << c.stride
                 << ", pixels " << c.pixels << ", activation " << static_cast<int>(c.activation) << ", level "
                 << static_cast<int>(level));
  const int64_t width = (c.pixels - 1) * c.stride + c.kernel, height = c.rows + c.kernel - 1;
  const Tensor weight = pattern({c.outputs, c.inputs, c.kernel, c.kernel}, 1), bias = pattern({c.outputs}, 2);
  Tensor scale = pattern({c.outputs}, 3);
  for (real& s : scale.span()) s *= 2;
  const Tensor map = pattern({height, width, c.inputs}, 4);
  const ConvFilter filter = pack_conv(weight, scale.span(), bias.span());
  const int64_t stride = round_to_panel(c.outputs);
  const Tensor residual = pattern({c.rows, c.pixels, stride}, 5);
  Tensor out = Tensor::full({c.rows * c.pixels + 1, stride}, 77), expected = out.clone();  // and a pixel that must stay
  std::vector<const real*> inputs;
  for (int64_t y = 0; y < c.rows; ++y)
    for (int64_t k = 0; k < c.kernel; ++k) inputs.push_back(map.data() + (y + k) * width * c.inputs);
  const auto rows_of = [&](Tensor& to) {
    std::vector<ConvRow> rows;
    for (int64_t y = 0; y < c.rows; ++y)
      rows.push_back({.inputs = inputs.data() + y * c.kernel,
                      .output = to.data() + y * c.pixels * stride,
                      .residual = c.residual ? residual.data() + y * c.pixels * stride : nullptr});
    return rows;
  };
  const ConvRowShape shape = {c.pixels, c.stride * c.inputs, stride};
  conv_rows(filter, rows_of(out), shape, c.activation, level);
  conv_rows_naive(weight, scale.span(), bias.span(), rows_of(expected), shape, c.activation);

  double worst = 0;
  for (int64_t p = 0; p < c.rows * c.pixels; ++p)
    for (int64_t o = 0; o < c.outputs; ++o) {
      const double difference = std::abs(static_cast<double>(out.data()[p * stride + o]) -
                                         static_cast<double>(expected.data()[p * stride + o]));
      if (!(difference <= worst)) worst = difference;
    }
  CHECK(worst < tolerance(c.inputs * c.kernel * c.kernel));
  for (int64_t o = 0; o < stride; ++o) CHECK(out.data()[c.rows * c.pixels * stride + o] == 77);
}

}  // namespace

TEST_CASE("convolutions of every shape equal the sum written out", "[tensor][conv]") {
  const Case cases[] = {
      {3, 32, 3, 2, 31, 2, false, Activation::relu6}, {3, 24, 7, 2, 17, 1, false, Activation::relu},
      {16, 96, 1, 1, 14, 1, false, Activation::silu}, {96, 24, 1, 1, 45, 1, true, Activation::none},
      {40, 48, 1, 1, 1, 1, false, Activation::none},  {5, 8, 1, 2, 6, 3, false, Activation::gelu},
      {16, 16, 3, 1, 9, 4, true, Activation::relu},   {7, 33, 1, 1, 29, 2, true, Activation::sigmoid},
  };
  for (const CpuLevel level : levels())
    for (const Case& c : cases) check_conv(c, level);
}

TEST_CASE("every count of pixels is computed, and not one more", "[tensor][conv]") {
  for (const CpuLevel level : levels())
    for (int64_t pixels = 1; pixels <= 45; ++pixels)
      check_conv({4, 17, 1, 1, pixels, 1, false, Activation::none}, level);
}

TEST_CASE("an output pixel does not depend on the pixels computed with it", "[tensor][conv]") {
  const Tensor weight = pattern({40, 30, 1, 1}, 1), bias = pattern({40}, 2), map = pattern({50, 30}, 4);
  const ConvFilter filter = pack_conv(weight, std::vector<real>(40, 1), bias.span());
  for (const CpuLevel level : levels()) {
    Tensor together({50, 48}), alone({50, 48});
    const real* all = map.data();
    const ConvRow row{.inputs = &all, .output = together.data()};
    conv_rows(filter, {&row, 1}, {50, 30, 48}, Activation::silu, level);
    for (int64_t p = 0; p < 50; ++p) {
      const real* one = map.data() + p * 30;
      const ConvRow single{.inputs = &one, .output = alone.data() + p * 48};
      conv_rows(filter, {&single, 1}, {1, 30, 48}, Activation::silu, level);
    }
    CHECK(std::equal(together.data(), together.data() + together.size(), alone.data()));
  }
}

TEST_CASE("scaling a filter's inputs equals scaling the map", "[tensor][conv]") {
  const Tensor weight = pattern({24, 20, 1, 1}, 1), bias = pattern({24}, 2);
  const Tensor map = pattern({9, 20}, 4), scale = pattern({20}, 5);
  const ConvFilter filter = pack_conv(weight, std::vector<real>(24, 1), bias.span());
  ConvFilter scaled;
  scale_inputs(filter, scale.data(), scaled);
  Tensor scaled_map = map.clone();
  for (int64_t i = 0; i < map.size(); ++i) scaled_map.data()[i] *= scale.data()[i % 20];
  Tensor a({9, 32}), b({9, 32});
  const real *from_a = map.data(), *from_b = scaled_map.data();
  const ConvRow row_a{.inputs = &from_a, .output = a.data()}, row_b{.inputs = &from_b, .output = b.data()};
  conv_rows(scaled, {&row_a, 1}, {9, 20, 32}, Activation::none);
  conv_rows(filter, {&row_b, 1}, {9, 20, 32}, Activation::none);
  for (int64_t i = 0; i < a.size(); ++i)
    CHECK(std::abs(static_cast<double>(a.data()[i] - b.data()[i])) < tolerance(20));
}

TEST_CASE("depthwise convolutions equal the sum written out", "[tensor][conv]") {
  for (const CpuLevel level : levels())
    for (const int64_t size : {3, 5})
      for (const int64_t stride : {1, 2})
        for (const int64_t pixels : {1, 3, 4, 7, 14, 21})
          for (const Activation activation : {Activation::none, Activation::relu6, Activation::silu}) {
            INFO("size " << size << ", stride " << stride << ", pixels " << pixels << ", level "
                         << static_cast<int>(level));
            const int64_t channels = 24, stored = 32, width = (pixels - 1) * stride + size;
            const Tensor weight = pattern({channels, 1, size, size}, 1), bias = pattern({channels}, 2);
            Tensor scale = pattern({channels}, 3);
            for (real& s : scale.span()) s *= 2;
            const Tensor map = pattern({size, width, stored}, 4);
            const DepthwiseFilter filter = pack_depthwise(weight, scale.span(), bias.span(), stride);
            std::vector<const real*> inputs;
            for (int64_t y = 0; y < size; ++y) inputs.push_back(map.data() + y * width * stored);
            Tensor out = Tensor::full({pixels + 1, stored}, 77), sums({stored});
            Tensor expected({pixels, stored}), expected_sums({stored});
            depthwise_row(filter, inputs.data(), pixels, out.data(), activation, sums.data(), level);
            depthwise_row_naive(weight, scale.span(), bias.span(), stride, inputs.data(), pixels, expected.data(),
                                activation, expected_sums.data());
            double worst = 0;
            for (int64_t c = 0; c < channels; ++c) {
              for (int64_t x = 0; x < pixels; ++x) {
                const double difference = std::abs(static_cast<double>(out.data()[x * stored + c]) -
                                                   static_cast<double>(expected.data()[x * stored + c]));
                if (!(difference <= worst)) worst = difference;
              }
              CHECK(std::abs(static_cast<double>(sums.data()[c]) - static_cast<double>(expected_sums.data()[c])) <
                    tolerance(size * size) * static_cast<double>(pixels));
            }
            CHECK(worst < tolerance(size * size));
            CHECK(out.data()[pixels * stored] == 77);
          }
}

TEST_CASE("activations keep to their definition for every size of input", "[tensor][conv]") {
  const double inputs[] = {-1e30, -1000, -100, -88, -80, -20, -3, -1e-3, 0, 1e-3, 3, 20, 88, 100, 1000, 1e30};
  const ConvFilter identity =
      pack_conv(Tensor::full({1, 1, 1, 1}, 1), std::vector<real>(1, 1), std::vector<real>(1, 0));
  for (const CpuLevel level : levels())
    for (const Activation activation : {Activation::silu, Activation::sigmoid, Activation::gelu})
      for (const double input : inputs) {
        INFO("x " << input << ", activation " << static_cast<int>(activation));
        const auto x = static_cast<real>(input);
        std::vector<real> out(16);
        const real* from = &x;
        const ConvRow row{.inputs = &from, .output = out.data()};
        conv_rows(identity, {&row, 1}, {1, 1, 16}, activation, level);
        const double expected = activation_naive(activation, static_cast<double>(x));
        CHECK(std::abs(static_cast<double>(out[0]) - expected) <= 1e-6 * std::max(1.0, std::abs(expected)));
      }
}

TEST_CASE("a NaN passes through every activation", "[tensor][conv]") {
  const ConvFilter identity =
      pack_conv(Tensor::full({1, 1, 1, 1}, 1), std::vector<real>(1, 1), std::vector<real>(1, 0));
  for (const CpuLevel level : levels())
    for (const Activation activation : {Activation::none, Activation::relu, Activation::relu6, Activation::silu}) {
      const real x = std::numeric_limits<real>::quiet_NaN();
      std::vector<real> out(16);
      const real* from = &x;
      const ConvRow row{.inputs = &from, .output = out.data()};
      conv_rows(identity, {&row, 1}, {1, 1, 16}, activation, level);
      CHECK(std::isnan(out[0]));
    }
}

TEST_CASE("filters that no kernel can take are refused with their shape", "[tensor][conv]") {
  const std::vector<real> two(2, 1), three(3, 1);
  CHECK_THROWS_WITH(pack_conv(Tensor::zeros({3, 2, 1, 1}), two, three),
                    Catch::Contains("2 scales for weight [3, 2, 1, 1]"));
  CHECK_THROWS_WITH(pack_conv(Tensor::zeros({3, 2, 1, 1}), three, two),
                    Catch::Contains("2 biases for weight [3, 2, 1, 1]"));
  CHECK_THROWS_WITH(pack_conv(Tensor::zeros({3, 2}), three, three), Catch::Contains("[3, 2] needs four axes"));
  CHECK_THROWS_WITH(pack_depthwise(Tensor::zeros({3, 1, 7, 7}), three, three, 1),
                    Catch::Contains("[3, 1, 7, 7]: there are kernels for 3 x 3"));
  CHECK_THROWS_WITH(pack_depthwise(Tensor::zeros({3, 2, 3, 3}), three, three, 1),
                    Catch::Contains("[3, 2, 3, 3]: a channel has one input"));
  CHECK_THROWS_WITH(pack_depthwise(Tensor::zeros({3, 1, 3, 3}), three, three, 3),
                    Catch::Contains("[3, 1, 3, 3] with stride 3"));
  ConvFilter into;
  const ConvFilter wide = pack_conv(Tensor::zeros({3, 2, 3, 3}), three, three);
  CHECK_THROWS_AS(scale_inputs(wide, two.data(), into), Error);
}
