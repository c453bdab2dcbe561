#include "autograd/ops.h"
#include "tensor/error.h"
#include "tensor/linear.h"
#include "tensor/reduce.h"

namespace iuf {

Var linear(const Var& x, const Var& weight, const Var& bias, Activation activation, const kernel::Dropout& dropped) {
  if (activation != Activation::none && activation != Activation::relu)
    fail("linear: only relu is fused, since its gradient follows from the output; apply other activations after it");
  if (dropped.rate > 0 && activation != Activation::relu) fail("linear: only the dropout behind a relu is fused; apply others after it");
  const Tensor y = kernel::linear(x.value(), weight.value(), bias.defined() ? bias.value() : Tensor(), activation, dropped);
  return record("linear", y, {x, weight, bias}, [x, weight, bias, activation, factor = kernel::dropout_row(dropped).keep, y](const Tensor& dy) {
    const Tensor dz = activation == Activation::relu ? kernel::positive_backward(y, dy, factor) : dy;
    if (x.requires_grad()) x.accumulate(kernel::linear_backward_input(dz, weight.value()));
    const bool bias_moves = bias.defined() && bias.requires_grad();
    if (weight.requires_grad()) {
      Tensor dbias;
      weight.accumulate(kernel::linear_backward_weight(dz, x.value(), bias_moves ? &dbias : nullptr));
      if (bias_moves) bias.accumulate(dbias);
    } else if (bias_moves) {
      bias.accumulate(kernel::column_sum(dz));
    }
  });
}

Var matmul(const Var& a, const Var& b) {
  return record("matmul", kernel::matmul(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
    if (a.requires_grad()) a.accumulate(kernel::matmul(dy, b.value(), false, true));
    if (b.requires_grad()) {
      if (b.value().rank() == 2) {  // shared by all leading axes: one product over their rows
        b.accumulate(kernel::linear_backward_weight(a.value(), dy));
      } else {
        b.accumulate(kernel::matmul(a.value(), dy, true, false));
      }
    }
  });
}

Var attention(const Var& q, const Var& k, const Var& v, const kernel::AttentionOptions& options) {
  const kernel::Attention forward = kernel::attention(q.value(), k.value(), v.value(), options);
  return record("attention", forward.y, {q, k, v}, [q, k, v, forward, options](const Tensor& dy) {
    const auto gradient = kernel::attention_backward(dy, q.value(), k.value(), v.value(), forward, options);
    q.accumulate(gradient.dq);
    k.accumulate(gradient.dk);
    v.accumulate(gradient.dv);
  });
}

}  // namespace iuf
