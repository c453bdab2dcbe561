#include "autograd/ops.h"
#include "tensor/error.h"
#include "tensor/linear.h"
#include "tensor/matmul.h"

namespace iuf {

Var linear(const Var& x, const Var& weight, const Var& bias, Activation activation) {
  if (activation != Activation::none && activation != Activation::relu)
    fail("linear: only relu is fused, since its gradient follows from the output; apply other activations after it");
  const Tensor y = kernel::linear(x.value(), weight.value(), bias.defined() ? bias.value() : Tensor(), activation);
  return record("linear", y, {x, weight, bias}, [x, weight, bias, activation, y](const Tensor& dy) {
    const Tensor dz = activation == Activation::relu ? kernel::positive_backward(y, dy, 1) : dy;
    if (x.requires_grad()) x.accumulate(kernel::linear_backward_input(dz, weight.value()));
    const bool bias_moves = bias.defined() && bias.requires_grad();
    if (weight.requires_grad()) {
      Tensor dbias;
      weight.accumulate(kernel::linear_backward_weight(dz, x.value(), bias_moves ? &dbias : nullptr));
      if (bias_moves) bias.accumulate(dbias);
    } else if (bias_moves) {
      bias.accumulate(kernel::linear_backward_bias(dz));
    }
  });
}

Var feed_forward(const Var& x, const Var& weight1, const Var& bias1, const Var& weight2, const Var& bias2,
                 const kernel::Dropout& dropped) {
  bool trained = false;
  for (const Var* v : {&x, &weight1, &bias1, &weight2, &bias2}) trained = trained || v->requires_grad();
  const auto forward = kernel::feed_forward(x.value(), weight1.value(), bias1.value(), weight2.value(), bias2.value(),
                                            dropped, trained ? kernel::Keep::hidden : kernel::Keep::nothing);
  return record("feed_forward", forward.y, {x, weight1, bias1, weight2, bias2},
                [x, weight1, bias1, weight2, bias2, dropped, hidden = forward.hidden](const Tensor& dy) {
                  const auto g = kernel::feed_forward_backward(
                      dy, x.value(), hidden, weight1.value(), weight2.value(), dropped,
                      x.requires_grad() ? kernel::InputGradient::compute : kernel::InputGradient::skip);
                  if (x.requires_grad()) x.accumulate(g.dx);
                  weight1.accumulate(g.dweight1);
                  bias1.accumulate(g.dbias1);
                  weight2.accumulate(g.dweight2);
                  bias2.accumulate(g.dbias2);
                });
}

Var matmul(const Var& a, const Var& b) {
  return record("matmul", kernel::matmul(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
    if (a.requires_grad()) a.accumulate(kernel::matmul(dy, b.value(), Trans::no, Trans::yes));
    if (b.requires_grad()) {
      if (b.value().rank() == 2) {  // shared by all leading axes: one product over their rows
        b.accumulate(kernel::linear_backward_weight(a.value(), dy));
      } else {
        b.accumulate(kernel::matmul(a.value(), dy, Trans::yes));
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
