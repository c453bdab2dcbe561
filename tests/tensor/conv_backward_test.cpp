#include "tensor/conv_backward.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
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

// The definition, one product at a time: calls visit(x index, weight index, y index) for every product of a convolution
// of x (B x H x W x C) with weight (O x I x h x w); depthwise when I is 1 and O is C.
void visit_products(const Shape& x, const Shape& w, const Shape& y, const kernel::ConvOptions& o,
                    const std::function<void(int64_t, int64_t, int64_t)>& visit) {
  const bool depthwise = w[1] == 1 && w[0] == x[3];
  for (int64_t b = 0; b < y[0]; ++b)
    for (int64_t r = 0; r < y[1]; ++r)
      for (int64_t c = 0; c < y[2]; ++c)
        for (int64_t out = 0; out < y[3]; ++out)
          for (int64_t in = 0; in < w[1]; ++in)
            for (int64_t i = 0; i < w[2]; ++i)
              for (int64_t j = 0; j < w[3]; ++j) {
                const int64_t row = r * o.stride + i - o.rows.before, column = c * o.stride + j - o.columns.before;
                if (row < 0 || row >= x[1] || column < 0 || column >= x[2]) continue;
                visit(((b * x[1] + row) * x[2] + column) * x[3] + (depthwise ? out : in),
                      ((out * w[1] + in) * w[2] + i) * w[3] + j, ((b * y[1] + r) * y[2] + c) * y[3] + out);
              }
}

// to[.] = sum of a * b in double, and the same of |a * b|, which bounds the rounding.
struct Sums {
  std::vector<double> value, magnitude;
  explicit Sums(const Tensor& like) : value(static_cast<size_t>(like.size())), magnitude(value) {}
  void add(int64_t at, real a, real b) {
    value[static_cast<size_t>(at)] += static_cast<double>(a) * static_cast<double>(b);
    magnitude[static_cast<size_t>(at)] += std::abs(static_cast<double>(a) * static_cast<double>(b));
  }
  void check(const Tensor& got) const {
    for (size_t i = 0; i < value.size(); ++i)
      REQUIRE(std::abs(static_cast<double>(got.data()[i]) - value[i]) <= 4e-7 * magnitude[i] + 1e-12);
  }
};

struct Case {
  Shape x, w;
  kernel::ConvOptions options;
};

std::vector<Case> dense_cases() {
  return {{{2, 6, 7, 3}, {4, 3, 3, 3}, kernel::ConvOptions::centred(3)},
          {{1, 9, 6, 5}, {3, 5, 3, 5}, {.stride = 2, .rows = {0, 1}, .columns = {3, 1}}},
          {{3, 4, 4, 8}, {6, 8, 1, 1}, {}},
          {{1, 1, 1, 2}, {3, 2, 3, 3}, kernel::ConvOptions::centred(3)},
          {{1, 40, 40, 16}, {8, 16, 3, 3}, kernel::ConvOptions::centred(3)},  // more patches than the buffer holds
          {{19, 4, 3, 2}, {2, 2, 2, 2}, {.stride = 2}}};                      // more images than partial sums
}

std::vector<Case> depthwise_cases() {
  return {{{2, 6, 7, 3}, {3, 1, 3, 3}, kernel::ConvOptions::centred(3)},
          {{1, 9, 6, 5}, {5, 1, 5, 5}, {.stride = 2, .rows = {1, 2}, .columns = {2, 2}}},
          {{2, 5, 5, 130}, {130, 1, 3, 3}, kernel::ConvOptions::centred(3)},
          {{19, 3, 30, 3}, {3, 1, 1, 11}, {.columns = {5, 5}}}};
}

template <class Forward, class Input, class Weight>
void check_against_definition(const Case& c, Forward&& forward, Input&& input, Weight&& weight) {
  const Tensor x = random(c.x, 1), w = random(c.w, 2), bias = random({c.w[0]}, 3);
  const Tensor y = forward(x, w, bias, c.options), dy = random(y.shape(), 4);
  INFO(c.x << " with " << c.w);
  Sums sum(y), dx(x), dw(w);
  for (int64_t i = 0; i < y.size(); ++i) sum.add(i, 1, bias.data()[i % c.w[0]]);
  visit_products(c.x, c.w, y.shape(), c.options, [&](int64_t in, int64_t tap, int64_t out) {
    sum.add(out, x.data()[in], w.data()[tap]);
    dx.add(in, dy.data()[out], w.data()[tap]);
    dw.add(tap, dy.data()[out], x.data()[in]);
  });
  sum.check(y);
  dx.check(input(dy, w, c.x, c.options));
  dw.check(weight(dy, x, c.w, c.options));
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
  for (const Case& c : dense_cases())
    check_against_definition(c, kernel::conv2d, kernel::conv2d_backward_input, kernel::conv2d_backward_weight);
}

TEST_CASE("a depthwise convolution and its gradients equal sums over the definition", "[tensor][conv]") {
  for (const Case& c : depthwise_cases())
    check_against_definition(c, kernel::depthwise_conv2d, kernel::depthwise_conv2d_backward_input,
                             kernel::depthwise_conv2d_backward_weight);
}

TEST_CASE("convolutions for training are equal for every number of threads", "[tensor][conv]") {
  for (const Case& c : dense_cases())
    check_threads([&] {
      const Tensor x = random(c.x, 1), w = random(c.w, 2), y = kernel::conv2d(x, w, Tensor(), c.options);
      return std::vector{y, kernel::conv2d_backward_input(y, w, c.x, c.options),
                         kernel::conv2d_backward_weight(y, x, c.w, c.options)};
    });
  for (const Case& c : depthwise_cases())
    check_threads([&] {
      const Tensor x = random(c.x, 1), w = random(c.w, 2), y = kernel::depthwise_conv2d(x, w, Tensor(), c.options);
      return std::vector{y, kernel::depthwise_conv2d_backward_input(y, w, c.x, c.options),
                         kernel::depthwise_conv2d_backward_weight(y, x, c.w, c.options)};
    });
}

TEST_CASE("a tie in max pooling gives the gradient to the first", "[tensor][conv]") {
  const Tensor x = Tensor::full({1, 2, 2, 1}, 7);
  const Tensor y = kernel::max_pool(x, 2, {.stride = 2}),
               dx = kernel::max_pool_backward(Tensor::full({1, 1, 1, 1}, 3), x, y, 2, {.stride = 2});
  CHECK(y.item() == 7);
  CHECK(dx.data()[0] == 3);
  CHECK(dx.data()[1] + dx.data()[2] + dx.data()[3] == 0);
}
