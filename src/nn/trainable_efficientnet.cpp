#include "nn/trainable_efficientnet.h"

#include <string>

#include "nn/embedded_weights.h"
#include "tensor/error.h"

namespace iuf {
namespace {

ConvFrozenNorm layer(int64_t in, int64_t out, int64_t size, int64_t stride, kernel::Padding padding, ConvKind kind) {
  ConvFrozenNorm conv;
  conv.weight = Var(Tensor::zeros({out, kind == ConvKind::depthwise ? 1 : in, size, size}));
  for (Var* v : {&conv.gain, &conv.offset, &conv.running_mean, &conv.running_var}) *v = Var(Tensor::zeros({out}));
  conv.options = {.stride = stride, .rows = padding, .columns = padding};
  conv.kind = kind;
  return conv;
}

}  // namespace

TrainableMBConv::TrainableMBConv(const MBConv::Plan& plan)
    : expands(plan.expand != 1), skip(plan.stride == 1 && plan.inputs == plan.outputs) {
  const int64_t mid = plan.inputs * plan.expand;
  if (expands) expand = layer(plan.inputs, mid, 1, 1, {}, ConvKind::dense);
  depthwise = layer(mid, mid, plan.kernel, plan.stride, same_padding(plan.native_size, plan.kernel, plan.stride),
                    ConvKind::depthwise);
  project = layer(mid, plan.outputs, 1, 1, {}, ConvKind::dense);
}

Var TrainableMBConv::operator()(const Var& x) const {
  const Var wide = expands ? activate(Activation::relu6, expand(x)) : x;
  const Var y = project(activate(Activation::relu6, depthwise(wide)));
  return skip ? add(y, x) : y;
}

void TrainableMBConv::visit(const Visit& v) {
  if (expands) expand.visit("_expand_conv", "_bn0", v);
  depthwise.visit("_depthwise_conv", "_bn1", v);
  project.visit("_project_conv", "_bn2", v);
}

TrainableEfficientNet::TrainableEfficientNet(const EfficientNetVariant& variant) {
  if (!variant.lite)
    fail("trainable backbone: ", variant.name, " has squeeze and excitation, which is not trained here; use a Lite");
  const EfficientNetPlan network = plan(variant);
  stem = layer(3, network.stem, 3, 2, same_padding(variant.native_size, 3, 2), ConvKind::dense);
  for (const MBConv::Plan& block : network.blocks) blocks.emplace_back(block);
}

TrainableEfficientNet TrainableEfficientNet::embedded() {
  for (const EfficientNetVariant& variant : efficientnet_variants()) {
    if (variant.name != "efficientnet_lite0") continue;
    TrainableEfficientNet network(variant);
    load_module(network, parse_safetensors(embedded_lite0(), "embedded efficientnet_lite0 weights"));
    return network;
  }
  fail("trainable backbone: efficientnet_lite0 is not among the variants");
}

Var TrainableEfficientNet::before(size_t end, const Var& image) const {
  Var x = activate(Activation::relu6, stem(image));
  for (size_t i = 0; i < end; ++i) x = blocks.at(i)(x);
  return x;
}

Var TrainableEfficientNet::from(size_t begin, Var x) const {
  for (size_t i = begin; i < blocks.size(); ++i) x = blocks[i](x);
  return x;
}

void TrainableEfficientNet::visit_from(size_t begin, const Visit& v) {
  if (begin == 0) stem.visit("_conv_stem", "_bn0", v);
  for (size_t i = begin; i < blocks.size(); ++i) blocks[i].visit(under("_blocks." + std::to_string(i), v));
}

}  // namespace iuf
