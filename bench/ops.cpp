
#include "autograd/ops.h"

#include "bench/bench.h"
#include "tensor/random.h"

namespace iuf::bench {
namespace {

using Inputs = std::span<const Var>;

// Sizes of a training step: 8 images of 196 positions, 256 channels.
struct OpRow {
  std::string name;
  std::vector<Shape> shapes;
  std::function<Var(Inputs)> call;
  std::vector<Product> forward = {}, backward = {};
};

std::vector<OpRow> op_rows() {
  constexpr int64_t b = 8, t = 196, c = 256, ff = 1024, heads = 8, depth = c / heads, rows = b * t;
  const Shape tokens = {b, t, c};
  const auto linear_forward = [](int64_t in, int64_t out) {
    return std::vector<Product>{{Trans::no, Trans::yes, rows, out, in}};
  };
  const auto linear_backward = [](int64_t in, int64_t out) {
    return std::vector<Product>{{Trans::no, Trans::no, rows, in, out}, {Trans::yes, Trans::no, out, in, rows}};
  };
  const auto attention_products = [](bool backward) {
    std::vector<Product> list = {{Trans::no, Trans::yes, t, t, depth, b * heads},
                                 {Trans::no, Trans::no, t, depth, t, b * heads}};
    if (backward) list.insert(list.end(), 2, {Trans::yes, Trans::no, t, depth, t, b * heads});
    return list;
  };
  return {
      {"add", {tokens, tokens}, [](Inputs in) { return add(in[0], in[1]); }},
      {"add, broadcast", {tokens, {t, c}}, [](Inputs in) { return add(in[0], in[1]); }},
      {"sub", {tokens, tokens}, [](Inputs in) { return sub(in[0], in[1]); }},
      {"mul", {tokens, tokens}, [](Inputs in) { return mul(in[0], in[1]); }},
      {"scale", {tokens}, [](Inputs in) { return scale(in[0], 2); }},
      {"activate, relu", {{b, t, ff}}, [](Inputs in) { return activate(Activation::relu, in[0]); }},
      {"activate, gelu", {{b, t, ff}}, [](Inputs in) { return activate(Activation::gelu, in[0]); }},
      {"activate, silu", {{b, t, ff}}, [](Inputs in) { return activate(Activation::silu, in[0]); }},
      {"dropout", {{b, t, ff}}, [](Inputs in) { return dropout(in[0], real(0.1), 1); }},
      {"permute",
       {{b, 14, 14, c}},
       [](Inputs in) {
         return permute(in[0], {0, 3, 1, 2});
       }},
      {"concat",
       {tokens, tokens},
       [](Inputs in) {
         return concat({in[0], in[1]}, 2);
       }},
      {"slice", {tokens}, [](Inputs in) { return slice(in[0], 1, 0, t / 2); }},
      {"linear 256 -> 256",
       {tokens, {c, c}, {c}},
       [](Inputs in) { return linear(in[0], in[1], in[2]); },
       linear_forward(c, c),
       linear_backward(c, c)},
      {"linear 256 -> 1024, relu",
       {tokens, {ff, c}, {ff}},
       [](Inputs in) { return linear(in[0], in[1], in[2], Activation::relu); },
       linear_forward(c, ff),
       linear_backward(c, ff)},
      {"linear 1024 -> 256",
       {{b, t, ff}, {c, ff}, {c}},
       [](Inputs in) { return linear(in[0], in[1], in[2]); },
       linear_forward(ff, c),
       linear_backward(ff, c)},
      {"feed_forward 256 -> 1024 -> 256",
       {tokens, {ff, c}, {ff}, {c, ff}, {c}},
       [](Inputs in) { return feed_forward(in[0], in[1], in[2], in[3], in[4]); },
       {linear_forward(c, ff)[0], linear_forward(ff, c)[0]},
       {linear_backward(c, ff)[0], linear_backward(c, ff)[1], linear_backward(ff, c)[0], linear_backward(ff, c)[1]}},
      {"matmul",
       {{b, t, c}, {b, c, t}},
       [](Inputs in) { return matmul(in[0], in[1]); },
       {{Trans::no, Trans::no, t, t, c, b}},
       {{Trans::no, Trans::yes, t, c, t, b}, {Trans::yes, Trans::no, c, t, t, b}}},
      {"attention",
       {tokens, tokens, tokens},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = heads}); },
       attention_products(false),
       attention_products(true)},
      {"attention, dropout 0.1",
       {tokens, tokens, tokens},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = heads, .dropout = real(0.1), .stream = 1}); },
       attention_products(false),
       attention_products(true)},
      {"attention of rows",
       {{b * 14, 14, c}, {b * 14, 14, c}, {b * 14, 14, c}},
       [](Inputs in) { return attention(in[0], in[1], in[2], {.heads = 4}); }},
      {"layer_norm", {tokens, {c}, {c}}, [](Inputs in) { return layer_norm(in[0], in[1], in[2], real(1e-5)); }},
      {"add_norm",
       {tokens, tokens, {c}, {c}},
       [](Inputs in) { return add_norm(in[0], in[1], in[2], in[3], real(1e-5)); }},
      {"batch_norm", {tokens, {c}, {c}}, [](Inputs in) { return batch_norm(in[0], in[1], in[2], real(1e-5)); }},
      {"mean_axis", {tokens}, [](Inputs in) { return mean_axis(in[0], 1); }},
      {"mse", {tokens, tokens}, [](Inputs in) { return mse(in[0], in[1]); }},
      {"svd_tail 24 x 256", {{24, c}}, [](Inputs in) { return svd_tail(in[0], 24); }},
  };
}

}  // namespace

void bench_ops(const Plan& plan, Table& table) {
  table.section("operations (8 x 196 x 256)");
  for (const OpRow& op : op_rows()) {
    if (!plan.wants("operations: " + op.name)) continue;
    std::vector<Var> inputs;
    for (size_t i = 0; i < op.shapes.size(); ++i) {
      Tensor x(op.shapes[i]);
      fill_uniform(x, -1, 1, 100 + i);
      inputs.emplace_back(x, false);
    }
    table.row(op.name, 1, measure([&] { op.call(inputs); }, 5, 0.1), op.forward);
    for (Var& input : inputs) input.set_requires_grad(true);
    std::vector<Product> both = op.forward;
    both.insert(both.end(), op.backward.begin(), op.backward.end());
    table.row(op.name + ", and backward", 1,
              measure(
                  [&] {
                    backward(sum(op.call(inputs)));
                    for (Var& input : inputs) input.clear_grad();
                  },
                  5, 0.1),
              both);
  }
}

}  // namespace iuf::bench
