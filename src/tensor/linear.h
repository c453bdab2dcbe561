#pragma once

#include "tensor/elementwise.h"
#include "tensor/tensor.h"
#include "tensor/trans.h"

namespace iuf::kernel {

/// y = dropout(f(x W^T + b)). x: ... x K, W: N x K, b: N or undefined, y: ... x N. Bias, activation and dropout are
/// applied while a block of rows is still in cache.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation = Activation::none,
              const Dropout& dropped = {});
/// The slow twin without dropout, in double.
Tensor linear_naive(const Tensor& x, const Tensor& weight, const Tensor& bias,
                    Activation activation = Activation::none);
/// dx = dy W
Tensor linear_backward_input(const Tensor& dy, const Tensor& weight);
/// dW = dy^T x; `dbias`, if any, receives the sums of dy over its rows.
Tensor linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor* dbias = nullptr);
/// The same sums alone, bit for bit.
Tensor linear_backward_bias(const Tensor& dy);

/// What feed_forward() keeps for its backward pass.
enum class Keep { nothing, hidden };
struct FeedForward {
  Tensor y;
  Tensor hidden;  // rows x leading dimension, at least H; what is behind a row's H values means nothing
};
/// y = dropout(relu(x W1^T + b1)) W2^T + b2, a block of rows at a time, so that the wide hidden rows are read while
/// they are in cache. x: ... x K, W1: H x K, W2: N x H, y: ... x N; hidden is undefined unless kept. Throws Error for
/// shapes that do not fit.
FeedForward feed_forward(const Tensor& x, const Tensor& weight1, const Tensor& bias1, const Tensor& weight2,
                         const Tensor& bias2, const Dropout& dropped, Keep keep);
/// The slow twin of y, without dropout, in double.
Tensor feed_forward_naive(const Tensor& x, const Tensor& weight1, const Tensor& bias1, const Tensor& weight2,
                          const Tensor& bias2);
struct FeedForwardGradient {
  Tensor dx, dweight1, dbias1, dweight2, dbias2;
};
enum class InputGradient { skip, compute };
/// dx is undefined where it is skipped.
FeedForwardGradient feed_forward_backward(const Tensor& dy, const Tensor& x, const Tensor& hidden,
                                          const Tensor& weight1, const Tensor& weight2, const Dropout& dropped,
                                          InputGradient dx);

}  // namespace iuf::kernel
