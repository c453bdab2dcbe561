#include "autograd/ops.h"
#include "tensor/norm.h"
#include "tensor/softmax.h"

namespace iuf {

Var softmax(const Var& x) {
  const Tensor y = kernel::softmax(x.value());
  return record("softmax", y, {x}, [x, y](const Tensor& dy) { x.accumulate(kernel::softmax_backward(y, dy)); });
}

Var layer_norm(const Var& x, const Var& gamma, const Var& beta, real eps) {
  const auto forward = kernel::layer_norm(x.value(), gamma.value(), beta.value(), eps);
  return record("layer_norm", forward.y, {x, gamma, beta}, [x, gamma, beta, forward](const Tensor& dy) {
    const auto gradient = kernel::layer_norm_backward(dy, x.value(), gamma.value(), forward);
    x.accumulate(gradient.dx);
    gamma.accumulate(gradient.dgamma);
    beta.accumulate(gradient.dbeta);
  });
}

Var add_norm(const Var& x, const Var& f, const Var& gamma, const Var& beta, real eps, const kernel::Dropout& dropped) {
  const auto forward = kernel::add_norm(x.value(), f.value(), gamma.value(), beta.value(), eps, dropped);
  return record("add_norm", forward.norm.y, {x, f, gamma, beta},
                [x, f, gamma, beta, forward, dropped](const Tensor& dy) {
                  const auto gradient = kernel::add_norm_backward(dy, gamma.value(), forward, dropped);
                  if (x.requires_grad()) x.accumulate(kernel::sum_to(gradient.norm.dx, x.shape()));
                  f.accumulate(gradient.df);
                  gamma.accumulate(gradient.norm.dgamma);
                  beta.accumulate(gradient.norm.dbeta);
                });
}

Var batch_norm(const Var& x, const Var& gamma, const Var& beta, real eps, Tensor* mean, Tensor* variance) {
  const auto forward = kernel::batch_norm(x.value(), gamma.value(), beta.value(), eps);
  if (mean) *mean = forward.mean;
  if (variance) *variance = forward.variance;
  return record("batch_norm", forward.y, {x, gamma, beta}, [x, gamma, beta, forward](const Tensor& dy) {
    const auto gradient = kernel::batch_norm_backward(dy, x.value(), gamma.value(), forward);
    x.accumulate(gradient.dx);
    gamma.accumulate(gradient.dgamma);
    beta.accumulate(gradient.dbeta);
  });
}

}  // namespace iuf
