#pragma once

#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "autograd/ops.h"
#include "tensor/random.h"

// The one table of operations: a line per case feeds the numeric gradient check (tests/gradcheck), the tests of what
// holds for every operation (op_cases_test.cpp) and `make bench`. tests/autograd/check_op_cases.sh fails the build when
// an operation declared in autograd/ops.h has no line here.
namespace iuf {

/// Sizes at which `make bench` times a case.
struct TimedSize {
  std::string name;  // of the row
  std::vector<Shape> shapes;
  int64_t heads = 0;  // of an attention whose matrix products are counted
};

constexpr double kTolerance = 1e-7;

struct OpCase {
  std::string op;  // as declared in autograd/ops.h
  std::vector<Shape> shapes;
  std::function<Var(std::span<const Var>)> call;
  double tolerance = kTolerance;  // the largest error allowed against central differences in double
  std::vector<TimedSize> timed = {};
  double gain = 1;  // how much larger than its results what it computes on the way may be, and with it the rounding
};

using Inputs = std::span<const Var>;

/// The differences are taken of a sum over some 10^4 outputs, whose rounding is that much larger.
constexpr double kManyTerms = 1e-5;

inline Tensor neighbour_test_mask(int64_t rows, int64_t columns) {
  Tensor mask = Tensor::zeros({rows, columns});
  for (int64_t i = 0; i < rows; ++i) mask.data()[i * columns + i % columns] = -INFINITY;
  return mask;
}

// A table, and so longer than a function should be.
inline std::vector<OpCase> op_cases() {
  using kernel::AttentionOptions;
  using kernel::ConvOptions;
  // Sizes of a training step: 8 images of 196 positions, 256 channels.
  constexpr int64_t b = 8, n = 196, c = 256, ff = 1024;
  const Shape tokens = {b, n, c}, wide = {b, n, ff};
  return {
      {"add", {{3, 4}, {3, 4}}, [](Inputs in) { return add(in[0], in[1]); }, kTolerance, {{"add", {tokens, tokens}}}},
      {"add",
       {{2, 3, 4}, {4}},
       [](Inputs in) { return add(in[0], in[1]); },
       kTolerance,
       {{"add, broadcast", {tokens, {n, c}}}}},
      {"add", {{2, 1, 4}, {3, 1}}, [](Inputs in) { return add(in[0], in[1]); }},
      {"add", {{1, 17, 1}, {3, 1, 5}}, [](Inputs in) { return add(in[0], in[1]); }},
      {"sub", {{3, 4}, {3, 4}}, [](Inputs in) { return sub(in[0], in[1]); }, kTolerance, {{"sub", {tokens, tokens}}}},
      {"sub", {{3, 1}, {2, 1, 5}}, [](Inputs in) { return sub(in[0], in[1]); }},
      {"sub", {{}, {7}}, [](Inputs in) { return sub(in[0], in[1]); }},
      {"mul", {{3, 4}, {3, 4}}, [](Inputs in) { return mul(in[0], in[1]); }, kTolerance, {{"mul", {tokens, tokens}}}},
      {"mul", {{1, 5}, {4, 1}}, [](Inputs in) { return mul(in[0], in[1]); }},
      {"mul", {{2, 1, 4}, {3, 1}}, [](Inputs in) { return mul(in[0], in[1]); }},
      {"mul", {{}, {2, 3}}, [](Inputs in) { return mul(in[0], in[1]); }},
      {"mul", {{6}}, [](Inputs in) { return mul(in[0], in[0]); }},
      {"scale", {{5, 3}}, [](Inputs in) { return scale(in[0], real(-2.5)); }, kTolerance, {{"scale", {tokens}}}},
      {"activate", {{41}}, [](Inputs in) { return activate(Activation::none, in[0]); }},
      {"activate",
       {{41}},
       [](Inputs in) { return activate(Activation::relu, in[0]); },
       kTolerance,
       {{"activate, relu", {wide}}}},
      {"activate", {{41}}, [](Inputs in) { return activate(Activation::relu6, scale(in[0], 5)); }},
      {"activate", {{41}}, [](Inputs in) { return activate(Activation::silu, scale(in[0], 2)); }},
      {"activate", {{41}}, [](Inputs in) { return activate(Activation::gelu, scale(in[0], 2)); }},
      {"activate", {{41}}, [](Inputs in) { return activate(Activation::sigmoid, scale(in[0], 2)); }},
      {"activate",
       {{41}},
       [](Inputs in) { return activate(Activation::gelu, in[0]); },
       kTolerance,
       {{"activate, gelu", {wide}}}},
      {"activate",
       {{41}},
       [](Inputs in) { return activate(Activation::silu, in[0]); },
       kTolerance,
       {{"activate, silu", {wide}}}},
      {"dropout", {{9, 7}}, [](Inputs in) { return dropout(in[0], real(0.1), 1); }, kTolerance, {{"dropout", {wide}}}},
      {"dropout", {{9, 7}}, [](Inputs in) { return dropout(in[0], real(0.3), 42); }},
      {"reshape",
       {{4, 6}},
       [](Inputs in) {
         return reshape(in[0], {3, 8});
       }},
      {"permute",
       {{2, 3, 2, 1, 3}},
       [](Inputs in) {
         return permute(in[0], {4, 2, 0, 3, 1});
       }},
      {"permute",
       {{2, 3, 4, 2}},
       [](Inputs in) {
         return permute(in[0], {2, 0, 3, 1});
       }},
      {"permute",
       {{2, 3, 2, 5}},
       [](Inputs in) {
         return permute(in[0], {0, 3, 1, 2});
       },
       kTolerance,
       {{"permute", {{b, 14, 14, c}}}}},
      {"concat",
       {{2, 3, 2}, {2, 1, 2}},
       [](Inputs in) {
         return concat({in[0], in[1], in[0]}, 1);
       }},
      {"concat",
       {{1, 3}, {2, 3}},
       [](Inputs in) {
         return concat({in[0], in[1]}, 0);
       }},
      {"concat",
       {{2, 3, 2}, {2, 3, 5}},
       [](Inputs in) {
         return concat({in[0], in[1]}, 2);
       },
       kTolerance,
       {{"concat", {tokens, tokens}}}},
      {"slice",
       {{3, 6, 2}},
       [](Inputs in) { return slice(in[0], 1, 0, in[0].dim(1) / 2); },
       kTolerance,
       {{"slice", {tokens}}}},
      {"slice", {{3, 7, 2}}, [](Inputs in) { return slice(in[0], 1, 2, 3); }},
      {"slice", {{5, 4}}, [](Inputs in) { return add(slice(in[0], 0, 1, 2), slice(in[0], 0, 3, 2)); }},
      {"slice", {{2, 6}}, [](Inputs in) { return add(slice(in[0], 1, 0, 1), slice(in[0], 1, 5, 1)); }},
      {"broadcast_to",
       {{}},
       [](Inputs in) {
         return broadcast_to(in[0], {2, 3});
       }},
      {"broadcast_to",
       {{1, 4, 1}},
       [](Inputs in) {
         return broadcast_to(in[0], {3, 4, 5});
       }},
      {"broadcast_to",
       {{3, 1}},
       [](Inputs in) {
         return broadcast_to(in[0], {2, 3, 5});
       }},
      {"embedding",
       {{5, 3}},
       [](Inputs in) {
         return embedding(in[0], {4, 0, 4, 2});
       }},
      {"embedding",
       {{4, 33}},
       [](Inputs in) {
         return embedding(in[0], {3, 3, 3});
       }},
      {"linear",
       {{1, 1}, {1, 1}, {1}},
       [](Inputs in) { return linear(in[0], in[1], in[2]); },
       kTolerance,
       {{"linear 256 -> 256", {tokens, {c, c}, {c}}}}},
      {"linear",
       {{3, 70}, {33, 70}, {33}},
       [](Inputs in) { return linear(in[0], in[1], in[2], Activation::relu); },
       kTolerance,
       {{"linear 256 -> 1024, relu", {tokens, {ff, c}, {ff}}}}},
      {"linear",
       {{7, 5}, {3, 5}, {3}},
       [](Inputs in) { return linear(in[0], in[1], in[2]); },
       kTolerance,
       {{"linear 1024 -> 256", {wide, {c, ff}, {c}}}}},
      {"linear", {{2, 3, 4}, {17, 4}}, [](Inputs in) { return linear(in[0], in[1], Var()); }},
      {"linear", {{2, 9, 4}, {6, 4}, {6}}, [](Inputs in) { return linear(in[0], in[1], in[2], Activation::relu); }},
      {"linear", {{200, 2}, {3, 2}, {3}}, [](Inputs in) { return linear(in[0], in[1], in[2]); }},
      {"linear", {{9, 16}, {32, 16}, {32}}, [](Inputs in) { return linear(in[0], in[1], in[2]); }},
      {"linear", {{2, 5, 19}, {16, 19}, {16}}, [](Inputs in) { return linear(in[0], in[1], in[2], Activation::relu); }},
      {"linear", {{3, 16}, {5, 16}}, [](Inputs in) { return linear(in[0], in[1], Var()); }},
      {"matmul", {{3, 5}, {5, 4}}, [](Inputs in) { return matmul(in[0], in[1]); }},
      {"matmul",
       {{2, 3, 5}, {2, 5, 4}},
       [](Inputs in) { return matmul(in[0], in[1]); },
       kTolerance,
       {{"matmul", {tokens, {b, c, n}}}}},
      {"matmul", {{2, 3, 5}, {5, 2}}, [](Inputs in) { return matmul(in[0], in[1]); }},
      {"matmul", {{2, 3, 2, 5}, {2, 3, 5, 4}}, [](Inputs in) { return matmul(in[0], in[1]); }},
      {"matmul", {{2, 2, 3, 5}, {5, 1}}, [](Inputs in) { return matmul(in[0], in[1]); }},
      {"attention",
       {{2, 3, 16}, {2, 3, 16}, {2, 3, 16}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 8}); },
       kTolerance,
       {{"attention", {tokens, tokens, tokens}, 8}}},
      {"attention",
       {{2, 3, 16}, {2, 3, 16}, {2, 3, 16}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 8, .dropout = real(0.1), .stream = 1}); },
       kTolerance,
       {{"attention, dropout 0.1", {tokens, tokens, tokens}, 8}}},
      {"attention",
       {{2, 3, 8}, {2, 3, 8}, {2, 3, 8}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 4}); },
       kTolerance,
       {{"attention of rows", {{b * 14, 14, c}, {b * 14, 14, c}, {b * 14, 14, c}}}}},
      {"attention",
       {{2, 5, 8}, {2, 5, 8}, {2, 5, 8}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 2}); }},
      {"attention",
       {{2, 3, 6}, {2, 7, 6}, {2, 7, 6}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 3}); }},
      {"attention",
       {{1, 4, 4}, {3, 5, 4}, {3, 5, 4}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 2}); }},
      {"attention", {{2, 6, 4}}, [](Inputs in) { return attention(in[0], in[0], in[0], {.heads = 1}); }},
      {"attention",
       {{2, 5, 4}, {2, 6, 4}, {2, 6, 4}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 2, .mask = neighbour_test_mask(5, 6)}); }},
      {"attention",
       {{2, 5, 4}, {2, 6, 4}, {2, 6, 4}},
       [](Inputs in) {
         return attention(in[0], in[1], in[2],
                          {.heads = 2, .mask = neighbour_test_mask(5, 6), .dropout = real(0.4), .stream = 9});
       }},
      {"conv2d",
       {{2, 5, 6, 3}, {4, 3, 3, 3}, {4}},
       [](Inputs in) { return conv2d(in[0], in[1], in[2], ConvOptions::centred(3)); }},
      {"conv2d",
       {{2, 7, 5, 2}, {3, 2, 3, 3}},
       [](Inputs in) {
         return conv2d(in[0], in[1], Var(), {.stride = 2, .rows = {0, 1}, .columns = {1, 1}});
       }},
      {"conv2d",
       {{1, 9, 8, 2}, {3, 2, 5, 3}, {3}},
       [](Inputs in) {
         return conv2d(in[0], in[1], in[2], {.stride = 3, .rows = {2, 1}, .columns = {0, 2}});
       }},
      {"conv2d", {{3, 2, 3, 4}, {5, 4, 1, 1}, {5}}, [](Inputs in) { return conv2d(in[0], in[1], in[2]); }},
      {"conv2d", {{2, 5, 5, 2}, {3, 2, 1, 1}}, [](Inputs in) { return conv2d(in[0], in[1], Var(), {.stride = 2}); }},
      {"conv2d",
       {{1, 2, 2, 2}, {3, 2, 5, 5}, {3}},
       [](Inputs in) { return conv2d(in[0], in[1], in[2], ConvOptions::centred(5)); }},
      {"depthwise_conv2d",
       {{2, 5, 6, 3}, {3, 1, 3, 3}, {3}},
       [](Inputs in) { return depthwise_conv2d(in[0], in[1], in[2], ConvOptions::centred(3)); }},
      {"depthwise_conv2d",
       {{2, 7, 6, 4}, {4, 1, 5, 5}},
       [](Inputs in) {
         return depthwise_conv2d(in[0], in[1], Var(), {.stride = 2, .rows = {1, 2}, .columns = {2, 2}});
       }},
      {"depthwise_conv2d",
       {{1, 3, 4, 70}, {70, 1, 3, 3}, {70}},
       [](Inputs in) { return depthwise_conv2d(in[0], in[1], in[2], ConvOptions::centred(3)); }},
      {"depthwise_conv2d",
       {{17, 3, 4, 2}, {2, 1, 1, 3}},
       [](Inputs in) {
         return depthwise_conv2d(in[0], in[1], Var(), {.columns = {0, 1}});
       }},
      {"depthwise_conv2d",
       {{1, 2, 2, 3}, {3, 1, 5, 5}},
       [](Inputs in) { return depthwise_conv2d(in[0], in[1], Var(), ConvOptions::centred(5)); }},
      {"max_pool", {{2, 6, 5, 3}}, [](Inputs in) { return max_pool(in[0], 2, {.stride = 2}); }},
      {"max_pool", {{2, 5, 7, 3}}, [](Inputs in) { return max_pool(in[0], 3, ConvOptions::centred(3, 2)); }},
      {"max_pool",
       {{1, 4, 4, 2}},
       [](Inputs in) {
         return max_pool(in[0], 3, {.stride = 1, .rows = {1, 0}});
       }},
      {"upsample", {{2, 3, 4, 2}}, [](Inputs in) { return upsample(in[0], 6, 8); }},
      {"upsample", {{1, 5, 7, 3}}, [](Inputs in) { return upsample(in[0], 3, 11); }},
      {"upsample", {{2, 1, 3, 2}}, [](Inputs in) { return upsample(in[0], 4, 1); }},
      {"ssim", {{2, 6, 7, 3}, {2, 6, 7, 3}}, [](Inputs in) { return scale(ssim(in[0], in[1]), 100); }},
      {"ssim", {{1, 13, 12, 1}}, [](Inputs in) { return scale(ssim(in[0], mul(in[0], in[0])), 100); }},
      {"softmax", {{3, 7}}, [](Inputs in) { return softmax(scale(in[0], 2)); }},
      {"softmax", {{2, 3, 20}}, [](Inputs in) { return softmax(in[0]); }},
      {"attention",
       {{1, 9, 10}, {3, 13, 10}, {3, 13, 10}},
       [](Inputs in) {
         return attention(in[0], in[1], in[2],
                          {.heads = 5, .mask = neighbour_test_mask(9, 13), .dropout = real(0.3), .stream = 5});
       }},
      {"attention",
       {{1, 31, 2}, {2, 3, 2}, {2, 3, 2}},
       [](Inputs in) {  // more queries than pass through the cache at once
         return attention(in[0], in[1], in[2],
                          {.heads = 1, .mask = neighbour_test_mask(31, 3), .dropout = real(0.3), .stream = 6});
       }},
      {"attention",
       {{2, 3, 3}, {2, 1, 3}, {2, 1, 3}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 3}); }},
      {"attention",
       {{1, 3, 70}, {1, 4, 70}, {1, 4, 70}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 2}); }},
      {"layer_norm",
       {{3, 1}, {1}, {1}},
       [](Inputs in) { return layer_norm(in[0], in[1], in[2], real(1e-5)); },
       kTolerance,
       {},
       1 / std::sqrt(1e-5)},  // no variance: x is divided by the root of eps alone
      {"layer_norm",
       {{17, 2100}, {2100}, {2100}},
       [](Inputs in) { return layer_norm(in[0], in[1], in[2], real(1e-5)); },
       kManyTerms},
      {"layer_norm",
       {{4, 16}, {16}, {16}},
       [](Inputs in) { return layer_norm(in[0], in[1], in[2], real(1e-5)); },
       kTolerance,
       {{"layer_norm", {tokens, {c}, {c}}}}},
      {"feed_forward",
       {{7, 5}, {6, 5}, {6}, {4, 6}, {4}},
       [](Inputs in) { return feed_forward(in[0], in[1], in[2], in[3], in[4]); },
       kTolerance,
       {{"feed_forward 256 -> 1024 -> 256", {tokens, {ff, c}, {ff}, {c, ff}, {c}}}}},
      {"feed_forward",
       {{1, 3, 16}, {16, 16}, {16}, {16, 16}, {16}},
       [](Inputs in) { return feed_forward(in[0], in[1], in[2], in[3], in[4], {.rate = real(0.3), .stream = 8}); }},
      {"add_norm",
       {{4, 16}, {4, 16}, {16}, {16}},
       [](Inputs in) { return add_norm(in[0], in[1], in[2], in[3], real(1e-5)); },
       kTolerance,
       {{"add_norm", {tokens, tokens, {c}, {c}}}}},
      {"add_norm",
       {{1, 3, 37}, {2, 3, 37}, {37}, {37}},
       [](Inputs in) { return add_norm(in[0], in[1], in[2], in[3], real(1e-5), {.rate = real(0.3), .stream = 6}); }},
      {"layer_norm", {{2, 3, 37}, {37}, {37}}, [](Inputs in) { return layer_norm(in[0], in[1], in[2], real(1e-5)); }},
      {"batch_norm",
       {{9, 5}, {5}, {5}},
       [](Inputs in) { return batch_norm(in[0], in[1], in[2], real(1e-5)); },
       kTolerance,
       {{"batch_norm", {tokens, {c}, {c}}}}},
      {"batch_norm",
       {{2, 33}, {33}, {33}},
       [](Inputs in) { return batch_norm(in[0], in[1], in[2], real(1e-2)); },
       1e-6},
      {"batch_norm",
       {{17, 2100}, {2100}, {2100}},
       [](Inputs in) { return batch_norm(in[0], in[1], in[2], real(1e-5)); },
       kManyTerms},
      {"batch_norm", {{2, 3, 2, 3}, {3}, {3}}, [](Inputs in) { return batch_norm(in[0], in[1], in[2], real(1e-3)); }},
      {"sum", {{3, 5}}, [](Inputs in) { return sum(mul(in[0], in[0])); }},
      {"mean_axis", {{3, 5, 2}}, [](Inputs in) { return mean_axis(in[0], 1); }, kTolerance, {{"mean_axis", {tokens}}}},
      {"mean_axis", {{3, 5}}, [](Inputs in) { return mean_axis(in[0], -1); }},
      {"mean_axis", {{3, 5, 2}}, [](Inputs in) { return mean_axis(in[0], 0); }},
      {"mean_axis", {{2, 3, 4, 5}}, [](Inputs in) { return mean_axis(in[0], 2); }},
      {"mse", {{4, 5}, {4, 5}}, [](Inputs in) { return mse(in[0], in[1]); }, kTolerance, {{"mse", {tokens, tokens}}}},
      {"cross_entropy",
       {{4, 3}},
       [](Inputs in) {
         return cross_entropy(in[0], {2, 0, 1, 2});
       }},
      {"focal_loss",
       {{4, 3}},
       [](Inputs in) {
         return focal_loss(in[0], {2, 0, 1, 2}, 2);
       }},
      {"focal_loss",
       {{1, 2, 3, 2}},
       [](Inputs in) {
         return focal_loss(in[0], {1, 0, 0, 1, 1, 0}, 0.5);
       }},
      {"focal_loss",
       {{3, 4}},
       [](Inputs in) {
         return focal_loss(in[0], {3, 0, 1}, 0);
       }},
      {"cross_entropy",
       {{3, 1}},
       [](Inputs in) {
         return cross_entropy(in[0], {0, 0, 0});
       }},
      {"cross_entropy",
       {{5, 17}},
       [](Inputs in) {
         return cross_entropy(scale(in[0], 30), {16, 0, 3, 3, 8});
       }},
      {"svd_tail",
       {{3, 7}},
       [](Inputs in) { return svd_tail(in[0], in[0].dim(0)); },
       1e-6,
       {{"svd_tail 24 x 256", {{24, c}}}}},
      {"svd_tail", {{2, 20}}, [](Inputs in) { return svd_tail(in[0], 1); }, 1e-6},
      {"svd_tail", {{20, 3}}, [](Inputs in) { return svd_tail(in[0], 3); }, 1e-6},
      {"svd_tail", {{1, 6}}, [](Inputs in) { return svd_tail(in[0], 1); }, 1e-6},
      {"svd_tail", {{3, 4}}, [](Inputs in) { return svd_tail(in[0], 4); }},  // no value is left: no gradient
      {"svd_tail", {{6, 4}}, [](Inputs in) { return svd_tail(in[0], 2); }, 1e-6},
      {"svd_tail", {{4, 9}}, [](Inputs in) { return svd_tail(in[0], 3); }, 1e-6},
      {"svd_tail", {{5, 5}}, [](Inputs in) { return svd_tail(in[0], 1); }, 1e-6},
  };
}

/// Uniform in [low, high), the same for every run, and exact in float, so that both precisions compute with equal
/// values.
inline Tensor op_case_values(const Shape& shape, double low, double high, uint64_t stream) {
  Tensor x(shape);
  fill_uniform(x, static_cast<real>(low), static_cast<real>(high), stream);
  for (real& value : x.span()) value = static_cast<real>(static_cast<float>(value));
  return x;
}

inline std::vector<Tensor> op_case_inputs(const OpCase& c) {
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < c.shapes.size(); ++i) inputs.push_back(op_case_values(c.shapes[i], -1.5, 1.5, 100 + i));
  return inputs;
}

/// What a case computes: its value y, and the gradients of sum(w * y), undefined where there is none.
struct OpResult {
  Tensor value;
  std::vector<Tensor> gradients;
};

/// `weights` is w, of y's shape; undefined stands for ones.
inline OpResult run_op_case(const OpCase& c, const std::vector<Tensor>& inputs, const Tensor& weights = {}) {
  std::vector<Var> leaves;
  for (const Tensor& input : inputs) leaves.emplace_back(input, RequiresGrad::yes);
  const Var y = c.call(leaves);
  if (y.requires_grad()) backward(sum(weights.defined() ? mul(y, Var(weights)) : y));
  OpResult result{y.value(), {}};
  for (const Var& leaf : leaves) result.gradients.push_back(leaf.grad());
  return result;
}

/// Under which name a case's tensors stand in the file of double results: "17.linear."; see gradcheck_main.cpp.
inline std::string op_case_prefix(size_t index, const OpCase& c) {
  return std::to_string(index) + "." + c.op + ".";
}

}  // namespace iuf
