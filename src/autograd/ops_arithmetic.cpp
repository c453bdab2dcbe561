#include "autograd/ops.h"

namespace iuf {

Var add(const Var& a, const Var& b) {
  return record("add", kernel::add(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
    if (a.requires_grad()) a.accumulate(kernel::sum_to(dy, a.shape()));
    if (b.requires_grad()) b.accumulate(kernel::sum_to(dy, b.shape()));
  });
}

Var sub(const Var& a, const Var& b) {
  return record("sub", kernel::sub(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
    if (a.requires_grad()) a.accumulate(kernel::sum_to(dy, a.shape()));
    if (b.requires_grad()) b.accumulate(kernel::sum_to(kernel::scale(dy, -1), b.shape()));
  });
}

Var mul(const Var& a, const Var& b) {
  return record("mul", kernel::mul(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
    if (a.requires_grad()) a.accumulate(kernel::sum_to(kernel::mul(dy, b.value()), a.shape()));
    if (b.requires_grad()) b.accumulate(kernel::sum_to(kernel::mul(dy, a.value()), b.shape()));
  });
}

Var scale(const Var& x, real factor) {
  return record("scale", kernel::scale(x.value(), factor), {x},
                [x, factor](const Tensor& dy) { x.accumulate(kernel::scale(dy, factor)); });
}

Var activate(Activation kind, const Var& x) {
  return record("activate", kernel::activate(kind, x.value()), {x},
                [x, kind](const Tensor& dy) { x.accumulate(kernel::activate_backward(kind, x.value(), dy)); });
}

Var dropout(const Var& x, real rate, uint64_t stream) {
  if (rate == 0) return x;
  return record("dropout", kernel::dropout(x.value(), rate, stream), {x},
                [x, rate, stream](const Tensor& dy) { x.accumulate(kernel::dropout(dy, rate, stream)); });
}

}  // namespace iuf
