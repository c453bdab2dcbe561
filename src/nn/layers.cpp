#include "nn/layers.h"

#include <cmath>

#include "tensor/error.h"

namespace iuf {

Var xavier_uniform(const Shape& shape, int64_t fan_in, int64_t fan_out, Random& random) {
  Tensor weight(shape);
  const auto bound = static_cast<real>(std::sqrt(6.0 / static_cast<double>(fan_in + fan_out)));
  fill_uniform(weight, -bound, bound, random.stream());
  return Var(weight, RequiresGrad::yes);
}

Linear::Linear(int64_t in, int64_t out, Random& random)
    : weight(xavier_uniform({out, in}, in, out, random)), bias(Tensor::zeros({out}), RequiresGrad::yes) {}

void Linear::visit(const Visit& v) {
  v("weight", weight, Role::parameter);
  v("bias", bias, Role::parameter);
}

LayerNorm::LayerNorm(int64_t channels)
    : weight(Tensor::full({channels}, 1), RequiresGrad::yes), bias(Tensor::zeros({channels}), RequiresGrad::yes) {}

void LayerNorm::visit(const Visit& v) {
  v("weight", weight, Role::parameter);
  v("bias", bias, Role::parameter);
}

BatchNorm::BatchNorm(int64_t channels)
    : weight(Tensor::full({channels}, 1), RequiresGrad::yes),
      bias(Tensor::zeros({channels}), RequiresGrad::yes),
      running_mean(Tensor::zeros({channels})),
      running_var(Tensor::full({channels}, 1)) {}

Var BatchNorm::operator()(const Var& x, const Run& run) {
  const int64_t channels = weight.dim(0);
  if (run.training) {
    Tensor mean, variance;
    const Var y = batch_norm(x, weight, bias, eps, &mean, &variance);
    const auto rows = static_cast<real>(x.value().size() / channels);
    for (int64_t i = 0; i < channels; ++i) {
      real& m = running_mean.mutable_value().data()[i];
      real& s = running_var.mutable_value().data()[i];
      m += momentum * (mean.data()[i] - m);
      s += momentum * (variance.data()[i] * rows / (rows - 1) - s);
    }
    return y;
  }
  // x * a + b with constant statistics; gradients, if wanted, reach weight and bias through the products.
  Tensor inverse({channels}), mean = kernel::scale(running_mean.value(), -1);
  for (int64_t i = 0; i < channels; ++i) inverse.data()[i] = 1 / std::sqrt(running_var.value().data()[i] + eps);
  return add(mul(mul(add(x, Var(mean)), Var(inverse)), weight), bias);
}

void BatchNorm::visit(const Visit& v) {
  v("weight", weight, Role::parameter);
  v("bias", bias, Role::parameter);
  v("running_mean", running_mean, Role::buffer);
  v("running_var", running_var, Role::buffer);
}

MultiheadAttention::MultiheadAttention(int64_t channels, int64_t heads_, real dropout_, Random& random)
    : in_proj_weight(xavier_uniform({3 * channels, channels}, channels, 3 * channels, random)),
      in_proj_bias(Tensor::zeros({3 * channels}), RequiresGrad::yes),
      out_proj(channels, channels, random),
      heads(heads_),
      dropout(dropout_) {
  if (heads < 1 || channels % heads) fail("attention: ", channels, " channels do not divide into ", heads, " heads");
}

Var MultiheadAttention::project(const Var& x, int64_t part) const {
  const int64_t c = out_proj.weight.dim(0);
  return linear(x, slice(in_proj_weight, 0, part * c, c), slice(in_proj_bias, 0, part * c, c));
}

Var MultiheadAttention::operator()(const Var& q, const Var& k, const Var& v, const Tensor& mask, Run& run) const {
  const real rate = run.training ? dropout : 0;
  return out_proj(
      attention(project(q, 0), project(k, 1), project(v, 2),
                {.heads = heads, .mask = mask, .dropout = rate, .stream = rate > 0 ? run.random.stream() : 0}));
}

void MultiheadAttention::visit(const Visit& v) {
  v("in_proj_weight", in_proj_weight, Role::parameter);
  v("in_proj_bias", in_proj_bias, Role::parameter);
  out_proj.visit(under("out_proj", v));
}

kernel::Dropout draw_dropout(real rate, Run& run) {
  return run.training && rate > 0 ? kernel::Dropout{rate, run.random.stream()} : kernel::Dropout{};
}

Var dropout(const Var& x, real rate, Run& run) {
  return run.training && rate > 0 ? dropout(x, rate, run.random.stream()) : x;
}

}  // namespace iuf
