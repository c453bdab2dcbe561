#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tensor/tensor.h"

namespace iuf {

/// Of a leaf: whether backward() computes its gradient.
enum class RequiresGrad { no, yes };

/// A tensor that remembers how it was computed. Copying a Var refers to the same value and gradient. An operation
/// records itself only when one of its inputs needs a gradient: frozen parameters cost nothing.
class Var {
 public:
  Var() = default;
  Var(Tensor value, RequiresGrad requires_grad = RequiresGrad::no);

  bool defined() const { return node_ != nullptr; }
  const Tensor& value() const { return node_->value; }
  /// For optimisers and loaders: replaces the value of a leaf (same shape).
  Tensor& mutable_value() { return node_->value; }
  const Shape& shape() const { return value().shape(); }
  int64_t dim(int axis) const { return value().dim(axis); }

  bool requires_grad() const { return node_->requires_grad; }
  void set_requires_grad(bool on) { node_->requires_grad = on; }
  /// The gradient accumulated by backward(); undefined before.
  const Tensor& grad() const { return node_->grad; }
  void set_grad(Tensor grad) { node_->grad = std::move(grad); }
  void clear_grad() { node_->grad = Tensor(); }
  /// grad += gradient, where one is required. The first one is kept without a copy, and never written while others hold
  /// it. Another shape than the value's is an Error with both shapes.
  void accumulate(const Tensor& gradient) const;
  /// The same for rows [start, start + rows of gradient) of the first axis alone; the other axes must be the value's.
  void accumulate_rows(const Tensor& gradient, int64_t start) const;

  /// The same value without history: gradients stop here.
  Var detach() const { return Var(value()); }

 private:
  struct Node {
    Tensor value, grad;
    bool requires_grad = false;
    const char* op = "leaf";
    std::vector<Var> inputs;
    std::function<void(const Tensor&)> backward;
  };
  std::shared_ptr<Node> node_;

  friend Var record(const char* op, Tensor value, std::vector<Var> inputs,
                    std::function<void(const Tensor& dy)> backward);
  friend void backward(const Var& loss);
};

/// The result of an operation. `backward` gets the gradient of the loss with respect to the value and calls
/// accumulate() on the inputs; it is dropped when no input needs a gradient. Capture inputs as Var, the output as
/// Tensor.
Var record(const char* op, Tensor value, std::vector<Var> inputs, std::function<void(const Tensor& dy)> backward);

/// Reverse-mode differentiation: accumulates d loss / d leaf into every leaf that requires a gradient, and frees the
/// graph as it goes. `loss` has one element. A gradient of another shape than its value is an Error that names the
/// operation which computed it and both shapes.
void backward(const Var& loss);

}  // namespace iuf
