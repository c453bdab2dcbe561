#pragma once

#include <vector>

#include "autograd/var.h"
#include "tensor/attention.h"
#include "tensor/conv/options.h"
#include "tensor/elementwise.h"

// Every differentiable operation, declared once: shapes and formula. Each has a line in tests/autograd/op_cases.h,
// which the build checks; shapes that do not fit are an Error naming the operation and both shapes.
namespace iuf {

// --- arithmetic (ops_arithmetic.cpp); + - * broadcast
Var add(const Var& a, const Var& b);
Var sub(const Var& a, const Var& b);
Var mul(const Var& a, const Var& b);
Var scale(const Var& x, real factor);
/// The same four where a formula is meant.
inline Var operator+(const Var& a, const Var& b) {
  return add(a, b);
}
inline Var operator-(const Var& a, const Var& b) {
  return sub(a, b);
}
inline Var operator*(const Var& a, const Var& b) {
  return mul(a, b);
}
inline Var operator*(real factor, const Var& x) {
  return scale(x, factor);
}
inline Var operator*(const Var& x, real factor) {
  return scale(x, factor);
}
/// f(x), f one of Activation.
Var activate(Activation kind, const Var& x);
/// x kept with probability 1 - rate and scaled by 1 / (1 - rate); the mask belongs to `stream`.
Var dropout(const Var& x, real rate, uint64_t stream);

// --- shape (ops_shape.cpp)
Var reshape(const Var& x, const Shape& shape);
/// Axis i of the result is axis order[i] of x.
Var permute(const Var& x, const std::vector<int>& order);
Var concat(const std::vector<Var>& parts, int axis);
Var slice(const Var& x, int axis, int64_t start, int64_t count);
Var broadcast_to(const Var& x, const Shape& shape);
/// Rows of a table N x C: indices.size() x C.
Var embedding(const Var& table, const std::vector<int64_t>& indices);

// --- products (ops_products.cpp)
/// f(x W^T + b): x ... x K, W N x K, b N or undefined; f is none or relu.
Var linear(const Var& x, const Var& weight, const Var& bias, Activation activation = Activation::none);
/// dropout(relu(x W1^T + b1)) W2^T + b2, see tensor/linear.h.
Var feed_forward(const Var& x, const Var& weight1, const Var& bias1, const Var& weight2, const Var& bias2,
                 const kernel::Dropout& dropped = {});
/// ... x M x K times ... x K x N (or K x N).
Var matmul(const Var& a, const Var& b);
/// Fused multi-head attention, see tensor/attention.h.
Var attention(const Var& q, const Var& k, const Var& v, const kernel::AttentionOptions& options);

// --- maps B x H x W x C (ops_maps.cpp), see tensor/conv/training.h and max_pool.h
/// weight: O x C x h x w, bias: O or undefined.
Var conv2d(const Var& x, const Var& weight, const Var& bias, const kernel::ConvOptions& options = {});
/// weight: C x 1 x h x w, bias: C or undefined.
Var depthwise_conv2d(const Var& x, const Var& weight, const Var& bias, const kernel::ConvOptions& options = {});
/// The largest value of each window of size x size.
Var max_pool(const Var& x, int64_t size, const kernel::ConvOptions& options);
/// Bilinear, corners aligned.
Var upsample(const Var& x, int64_t height, int64_t width);
/// The structural similarity of maps with values in [0, 1], averaged over all pixels and channels: Gaussian window of
/// 11 pixels with deviation 1.5, zeros around the maps (Wang et al. 2004, eq. 13).
Var ssim(const Var& x, const Var& y);

// --- normalisation (ops_norm.cpp)
/// exp(x) / sum exp(x) over the last axis.
Var softmax(const Var& x);
Var layer_norm(const Var& x, const Var& gamma, const Var& beta, real eps);
/// layer_norm(x + dropout(f)); x may have a batch of 1 where f has more.
Var add_norm(const Var& x, const Var& f, const Var& gamma, const Var& beta, real eps,
             const kernel::Dropout& dropped = {});
/// With the statistics of x's own rows (... x C), which are handed out for the running averages.
Var batch_norm(const Var& x, const Var& gamma, const Var& beta, real eps, Tensor* mean = nullptr,
               Tensor* variance = nullptr);

// --- reductions and losses (ops_loss.cpp)
Var sum(const Var& x);
/// Mean over one axis, which disappears.
Var mean_axis(const Var& x, int axis);
/// mean((x - y)^2)
Var mse(const Var& x, const Var& y);
/// Mean over the rows of -log softmax(logits)[label]; logits B x N.
Var cross_entropy(const Var& logits, const std::vector<int64_t>& labels);
/// Mean over the rows of -(1 - p)^gamma log p, p the softmax at the label; logits ... x N. [Lin et al. 2017]
Var focal_loss(const Var& logits, const std::vector<int64_t>& labels, double gamma);
/// The sum of the singular values sigma_t, sigma_{t+1}, ... of a matrix, t counting from 1; d sigma_i / dM = u_i v_i^T.
Var svd_tail(const Var& matrix, int64_t t);

}  // namespace iuf
