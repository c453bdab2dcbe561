#include "autograd/var.h"

#include <unordered_set>
#include <utility>

#include "tensor/elementwise.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// A gradient that does not fit its value. backward() knows whose it is and says so.
class ShapeError : public Error {
 public:
  using Error::Error;
};

[[noreturn]] void fail_shape(const Tensor& gradient, const Tensor& value) {
  throw ShapeError("a gradient of shape " + gradient.shape().text() + " for a value of shape " + value.shape().text());
}

}  // namespace

Var::Var(Tensor value, RequiresGrad requires_grad) : node_(std::make_shared<Node>()) {
  node_->value = std::move(value);
  node_->requires_grad = requires_grad == RequiresGrad::yes;
}

void Var::accumulate(const Tensor& gradient) const {
  if (!node_ || !node_->requires_grad) return;
  if (!(gradient.shape() == node_->value.shape())) fail_shape(gradient, node_->value);
  if (!node_->grad.defined()) {
    node_->grad = gradient;
    return;
  }
  if (node_->grad.shared())
    node_->grad = kernel::add(node_->grad, gradient);
  else
    kernel::add_scaled(node_->grad, 1, gradient);
}

void Var::accumulate_rows(const Tensor& gradient, int64_t start) const {
  if (!node_ || !node_->requires_grad) return;
  const Shape& whole = node_->value.shape();
  Shape some = whole;
  if (whole.rank() > 0 && gradient.rank() > 0) some.set(0, gradient.dim(0));
  if (!(gradient.shape() == some)) fail_shape(gradient, node_->value);
  Tensor& grad = node_->grad;
  if (!grad.defined()) grad = Tensor::zeros(node_->value.shape());
  if (grad.shared()) grad = grad.clone();
  Tensor rows = grad.rows(start, gradient.dim(0));
  kernel::add_scaled(rows, 1, gradient);
}

Var record(const char* op, Tensor value, std::vector<Var> inputs, std::function<void(const Tensor& dy)> backward) {
  bool needed = false;
  for (const Var& input : inputs) needed = needed || (input.defined() && input.requires_grad());
  Var result(std::move(value), needed ? RequiresGrad::yes : RequiresGrad::no);
  if (needed) {
    result.node_->op = op;
    result.node_->inputs = std::move(inputs);
    result.node_->backward = std::move(backward);
  }
  return result;
}

void backward(const Var& loss) {
  if (loss.value().size() != 1) fail("backward: needs a single value, not ", loss.shape());
  if (!loss.requires_grad()) fail("backward: the loss depends on nothing that requires a gradient");
  // Topological order by depth-first search without recursion.
  std::vector<Var> order;
  std::unordered_set<const void*> seen;
  std::vector<std::pair<Var, size_t>> stack{{loss, 0}};
  seen.insert(loss.node_.get());
  while (!stack.empty()) {
    const Var var = stack.back().first;
    if (stack.back().second < var.node_->inputs.size()) {
      const Var& input = var.node_->inputs[stack.back().second++];
      if (input.defined() && input.requires_grad() && seen.insert(input.node_.get()).second)
        stack.emplace_back(input, 0);
    } else {
      order.push_back(var);
      stack.pop_back();
    }
  }
  loss.accumulate(Tensor::full(loss.shape(), 1));
  for (; !order.empty(); order.pop_back()) {
    Var& var = order.back();
    if (!var.node_->backward) continue;
    if (var.node_->grad.defined()) {
      const Tensor dy = std::exchange(var.node_->grad, Tensor());
      try {
        var.node_->backward(dy);
      } catch (const ShapeError& e) {
        fail("backward of '", var.node_->op, "': ", e.what());
      }
    }
    var.node_->backward = nullptr;
    var.node_->inputs.clear();
  }
}

}  // namespace iuf
