#include <vector>

#include "bench/bench.h"
#include "tensor/random.h"
#include "tests/autograd/op_cases.h"

namespace iuf::bench {
namespace {

// None for operations that consist of other work.
Products products_of(const OpCase& op, const TimedSize& size) {
  Products products;
  const Shape& x = size.shapes.front();
  const int64_t channels = x[-1];
  if (op.op == "linear") add_linear(products, x.size() / channels, channels, size.shapes[1][0]);
  if (op.op == "feed_forward") {
    add_linear(products, x.size() / channels, channels, size.shapes[1][0]);
    add_linear(products, x.size() / channels, size.shapes[1][0], size.shapes[3][0]);
  }
  if (op.op == "matmul") {
    const int64_t b = x[0], m = x[1], k = x[2], n = size.shapes[1][2];
    products.forward = {{Trans::no, Trans::no, m, n, k, b}};
    products.backward = {{Trans::no, Trans::yes, m, k, n, b}, {Trans::yes, Trans::no, k, n, m, b}};
  }
  if (op.op == "attention" && size.heads > 0) add_attention(products, x[0] * size.heads, x[1], channels / size.heads);
  return products;
}

void time_op(const OpCase& op, const TimedSize& size, Table& table) {
  std::vector<Var> inputs;
  for (size_t i = 0; i < size.shapes.size(); ++i) {
    Tensor x(size.shapes[i]);
    fill_uniform(x, -1, 1, 100 + i);
    inputs.emplace_back(x);
  }
  const Products products = products_of(op, size);
  table.row(size.name, 1, measure([&] { op.call(inputs); }, 5, 0.1), products.forward);
  for (Var& input : inputs) input.set_requires_grad(true);
  const auto forward_and_backward = [&] {
    backward(sum(op.call(inputs)));
    for (Var& input : inputs) input.clear_grad();
  };
  table.row(size.name + ", and backward", 1, measure(forward_and_backward, 5, 0.1), products.all());
}

}  // namespace

void bench_ops(const Plan& plan, Table& table) {
  table.section("operations (8 x 196 x 256)");
  for (const OpCase& op : op_cases())
    for (const TimedSize& size : op.timed)
      if (plan.wants("operations: " + size.name)) time_op(op, size, table);
}

}  // namespace iuf::bench
