#include "nn/conv_layers.h"

#include <cmath>
#include <string>

namespace iuf {

Conv2d::Conv2d(int64_t in, int64_t out, int64_t size, const kernel::ConvOptions& o, Random& random) : options(o) {
  Tensor w({out, in, size, size});
  fill_normal(w, 0, static_cast<real>(std::sqrt(2.0 / static_cast<double>(in * size * size))), random.stream());
  weight = Var(w, RequiresGrad::yes);
  bias = Var(Tensor::zeros({out}), RequiresGrad::yes);
}

void Conv2d::visit(const Visit& v) {
  v("weight", weight, Role::parameter);
  v("bias", bias, Role::parameter);
}

ConvBlock::ConvBlock(int64_t in, int64_t out, int index_, Random& random)
    : conv(in, out, 3, kernel::ConvOptions::centred(3), random), norm(out), index(index_) {}

void ConvBlock::visit(const Visit& v) {
  conv.visit(under(std::to_string(index), v));
  norm.visit(under(std::to_string(index + 1), v));
}

Var ConvFrozenNorm::operator()(const Var& x) const {
  // The norm goes into the filter: a pass over the weights instead of two over the map.
  Tensor inverse(running_var.shape());
  for (int64_t i = 0; i < inverse.size(); ++i)
    inverse.data()[i] = static_cast<real>(1 / std::sqrt(static_cast<double>(running_var.value().data()[i]) + eps));
  const Var factor = mul(gain, Var(inverse));
  const Var filter = mul(weight, reshape(factor, {factor.dim(0), 1, 1, 1}));
  const Var shift = sub(offset, mul(running_mean, factor));
  return kind == ConvKind::depthwise ? depthwise_conv2d(x, filter, shift, options) : conv2d(x, filter, shift, options);
}

void ConvFrozenNorm::visit(const std::string& conv, const std::string& norm, const Visit& v) {
  v(conv + ".weight", weight, Role::parameter);
  v(norm + ".weight", gain, Role::parameter);
  v(norm + ".bias", offset, Role::parameter);
  v(norm + ".running_mean", running_mean, Role::buffer);
  v(norm + ".running_var", running_var, Role::buffer);
}

}  // namespace iuf
