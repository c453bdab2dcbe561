#include "tensor/conv/training.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "tensor/parallel.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

Tensor random(const Shape& shape, uint64_t stream) {
  Tensor x(shape);
  fill_uniform(x, -1, 1, stream);
  return x;
}

Tensor magnitudes(const Tensor& x) {
  Tensor y = x.clone();
  for (real& v : y.span()) v = std::abs(v);
  return y;
}

// `expected` sums products in double; the same of their magnitudes bounds the rounding.
void check_sums(const Tensor& got, const Tensor& expected, const Tensor& magnitude) {
  REQUIRE(got.shape() == expected.shape());
  for (int64_t i = 0; i < got.size(); ++i)
    REQUIRE(std::abs(static_cast<double>(got.data()[i]) - static_cast<double>(expected.data()[i])) <=
            4e-7 * static_cast<double>(magnitude.data()[i]) + 1e-12);
}

struct TrainingCase {
  Shape x, w;
  kernel::ConvOptions options;
};

std::vector<TrainingCase> dense_cases() {
  return {{{2, 6, 7, 3}, {4, 3, 3, 3}, kernel::ConvOptions::centred(3)},
          {{1, 9, 6, 5}, {3, 5, 3, 5}, {.stride = 2, .rows = {0, 1}, .columns = {3, 1}}},
          {{3, 4, 4, 8}, {6, 8, 1, 1}, {}},
          {{1, 1, 1, 2}, {3, 2, 3, 3}, kernel::ConvOptions::centred(3)},
          {{1, 40, 40, 16}, {8, 16, 3, 3}, kernel::ConvOptions::centred(3)},  // more patches than the buffer holds
          {{19, 4, 3, 2}, {2, 2, 2, 2}, {.stride = 2}}};                      // more images than partial sums
}

std::vector<TrainingCase> depthwise_cases() {
  return {{{2, 6, 7, 3}, {3, 1, 3, 3}, kernel::ConvOptions::centred(3)},
          {{1, 9, 6, 5}, {5, 1, 5, 5}, {.stride = 2, .rows = {1, 2}, .columns = {2, 2}}},
          {{2, 5, 5, 130}, {130, 1, 3, 3}, kernel::ConvOptions::centred(3)},
          {{19, 3, 30, 3}, {3, 1, 1, 11}, {.columns = {5, 5}}}};
}

template <class Forward, class Input, class Weight>
void check_against_definition(const TrainingCase& c, Forward&& forward, Input&& input, Weight&& weight) {
  const Tensor x = random(c.x, 1), w = random(c.w, 2), bias = random({c.w[0]}, 3);
  const Tensor y = forward(x, w, bias, c.options), dy = random(y.shape(), 4);
  INFO(c.x << " with " << c.w);
  const Tensor ax = magnitudes(x), aw = magnitudes(w), ady = magnitudes(dy);
  check_sums(y, kernel::conv_naive(x, w, bias, c.options), kernel::conv_naive(ax, aw, magnitudes(bias), c.options));
  check_sums(input(dy, w, c.x, c.options), kernel::conv_backward_input_naive(dy, w, c.x, c.options),
             kernel::conv_backward_input_naive(ady, aw, c.x, c.options));
  check_sums(weight(dy, x, c.w, c.options), kernel::conv_backward_weight_naive(dy, x, c.w, c.options),
             kernel::conv_backward_weight_naive(ady, ax, c.w, c.options));
}

template <class Compute>
void check_threads(Compute&& compute) {
  const int before = thread_count();
  set_thread_count(1);
  const std::vector<Tensor> expected = compute();
  set_thread_count(3);
  const std::vector<Tensor> got = compute();
  set_thread_count(before);
  for (size_t i = 0; i < expected.size(); ++i)
    CHECK(std::equal(got[i].span().begin(), got[i].span().end(), expected[i].span().begin()));
}

}  // namespace

TEST_CASE("a convolution and its gradients equal sums over the definition", "[tensor][conv]") {
  for (const TrainingCase& c : dense_cases())
    check_against_definition(c, kernel::conv2d, kernel::conv2d_backward_input, kernel::conv2d_backward_weight);
}

TEST_CASE("a depthwise convolution and its gradients equal sums over the definition", "[tensor][conv]") {
  for (const TrainingCase& c : depthwise_cases())
    check_against_definition(c, kernel::depthwise_conv2d, kernel::depthwise_conv2d_backward_input,
                             kernel::depthwise_conv2d_backward_weight);
}

TEST_CASE("convolutions for training are equal for every number of threads", "[tensor][conv]") {
  for (const TrainingCase& c : dense_cases())
    check_threads([&] {
      const Tensor x = random(c.x, 1), w = random(c.w, 2), y = kernel::conv2d(x, w, Tensor(), c.options);
      return std::vector{y, kernel::conv2d_backward_input(y, w, c.x, c.options),
                         kernel::conv2d_backward_weight(y, x, c.w, c.options)};
    });
  for (const TrainingCase& c : depthwise_cases())
    check_threads([&] {
      const Tensor x = random(c.x, 1), w = random(c.w, 2), y = kernel::depthwise_conv2d(x, w, Tensor(), c.options);
      return std::vector{y, kernel::depthwise_conv2d_backward_input(y, w, c.x, c.options),
                         kernel::depthwise_conv2d_backward_weight(y, x, c.w, c.options)};
    });
}
