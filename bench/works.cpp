#include "bench/works.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "iuf/features/neck.h"
#include "iuf/paper/compression_loss.h"
#include "iuf/paper/reconstruction.h"
#include "nn/backbone.h"
#include "nn/efficientnet.h"
#include "nn/optimizer.h"
#include "nn/safetensors.h"
#include "tensor/resize.h"

namespace iuf::bench {
namespace {

constexpr uint64_t kSeed = 1;
constexpr int64_t kSide = 224, kGrid = 14, kTokens = kGrid * kGrid, kHidden = 256, kFeedForward = 1024, kHeads = 8,
                  kLayers = 4;
constexpr int64_t kInplanes = 272, kClasses = 12, kMlp = 128, kRowHeads = 4;

Tensor normal(const Shape& shape, uint64_t stream) {
  Tensor x(shape);
  fill_normal(x, 0, 1, mix_key(kSeed, stream));
  return x;
}
Tensor images(int64_t batch) {
  return normal({batch, kSide, kSide, 3}, 1);
}
Tensor features(int64_t batch) {
  return normal({batch, kTokens, kInplanes}, 2);
}

// --- backbones

// Weights that keep the size of the activations: He's initialisation, batch norms that do nothing. Times do not depend
// on them.
Backbone random_backbone(const std::string& name) {
  const TensorFile nothing("no file");
  WeightReader reader(nothing, "");
  for (const EfficientNetVariant& v : efficientnet_variants())
    if (v.name == name) EfficientNet(v, reader);
  SafetensorsWriter writer;
  uint64_t stream = 100;
  for (const auto& [key, shape] : reader.wanted()) {
    Tensor value =
        Tensor::full(shape, key.ends_with("running_var") || (shape.rank() == 1 && key.ends_with("weight")) ? 1 : 0);
    if (shape.rank() == 4)
      fill_normal(value, 0, std::sqrt(2 / static_cast<real>(shape.size(1, 4))), mix_key(kSeed, ++stream));
    writer.add(key, value);
  }
  const std::vector<std::byte> bytes = writer.bytes();
  return Backbone::load(name, parse_safetensors(bytes, "random weights"));
}

// Multiplications and additions of an image, from the shapes of the weights.
double backbone_flop(const Backbone& backbone) {
  const std::map<std::string, Tensor> weights(backbone.state().begin(), backbone.state().end());
  const auto cost = [&](const std::string& key, int64_t side) {
    const auto found = weights.find(key);
    return found == weights.end() ? 0 : 2 * static_cast<double>(found->second.size() * side * side);
  };
  constexpr int64_t kStrides[] = {1, 2, 2, 2, 1};  // of the stages; another number of outputs starts a stage
  int64_t side = kSide / 2, stage = 0, channels = 0;
  double total = cost("_conv_stem.weight", side);
  for (int64_t i = 0;; ++i) {
    const std::string block = "_blocks." + std::to_string(i) + "._";
    const auto project = weights.find(block + "project_conv.weight");
    if (project == weights.end()) return total;
    total += cost(block + "expand_conv.weight", side);
    if (project->second.dim(0) != channels) side /= kStrides[stage++];
    channels = project->second.dim(0);
    total += cost(block + "depthwise_conv.weight", side) + cost(block + "se_reduce.weight", 1) +
             cost(block + "se_expand.weight", 1) + cost(block + "project_conv.weight", side);
  }
}

Work backbone_work(const std::string& name, const std::string& network, int64_t batch) {
  const auto backbone =
      std::make_shared<Backbone>(network == "efficientnet_lite0" ? Backbone::embedded() : random_backbone(network));
  const Tensor image = images(batch);
  const auto forward = [backbone, image] { return aligned_tokens(backbone->features(image), kGrid, Align::corners); };
  return {.name = name,
          .kind = "backbone",
          .options = {{"network", network}},
          .images = batch,
          .run = forward,
          .tensors =
              [backbone, image] {
                NamedTensors all = {{"in.image", image}};
                for (const auto& [key, value] : backbone->state()) all.emplace_back("weight." + key, value);
                return all;
              },
          .outputs =
              [forward] {
                return NamedTensors{{"out.features", forward()}};
              },
          .products = {},
          .flop = backbone_flop(*backbone) * static_cast<double>(batch)};
}

// --- the networks on top

void add_discriminator(Products& list, int64_t batch, int64_t patch) {
  const int64_t side = kSide / patch, rows = batch * side * side;
  add_linear(list, rows, 3 * patch * patch, kHidden, kernel::InputGradient::skip);
  for (int64_t i = 0; i < kLayers; ++i) {
    for (int projection = 0; projection < 4; ++projection) add_linear(list, rows, kHidden, kHidden);
    add_attention(list, batch * side * kRowHeads, side, kHidden / kRowHeads);
    add_linear(list, rows, kHidden, kMlp);
    add_linear(list, rows, kMlp, kHidden);
  }
}

Products reconstruction_products(int64_t batch) {
  Products list;
  const int64_t rows = batch * kTokens;
  const auto feed_forward = [&] {
    add_linear(list, rows, kHidden, kFeedForward);
    add_linear(list, rows, kFeedForward, kHidden);
  };
  const auto token_attention = [&] { add_attention(list, batch * kHeads, kTokens, kHidden / kHeads); };
  add_discriminator(list, batch, 16);
  add_linear(list, rows, kInplanes, kHidden, kernel::InputGradient::skip);
  for (int64_t i = 0; i < kLayers; ++i) {
    for (int projection = 0; projection < 4; ++projection) add_linear(list, rows, kHidden, kHidden);
    token_attention();
    feed_forward();
  }
  for (int64_t i = 0; i < kLayers; ++i) {
    add_linear(list, kTokens, kHidden, kHidden);  // all images ask the same first question
    for (int projection = 0; projection < 7; ++projection) add_linear(list, rows, kHidden, kHidden);
    token_attention();
    token_attention();
    feed_forward();
  }
  add_linear(list, rows, kHidden, kInplanes);
  return list;
}

std::shared_ptr<Reconstruction> reconstruction(real dropout, real jitter) {
  Random random{kSeed};
  return std::make_shared<Reconstruction>(ReconstructionOptions{.inplanes = kInplanes,
                                                                .height = kGrid,
                                                                .width = kGrid,
                                                                .hidden = kHidden,
                                                                .heads = kHeads,
                                                                .encoder_layers = kLayers,
                                                                .decoder_layers = kLayers,
                                                                .feed_forward = kFeedForward,
                                                                .dropout = dropout,
                                                                .jitter = jitter,
                                                                .classes = kClasses,
                                                                .patch = 16},
                                          random);
}

template <class Module>
NamedTensors weights_of(Module& module) {
  NamedTensors all;
  module.visit(
      [&](const std::string& name, Var& var, Role) { all.emplace_back("weight." + name, var.value().clone()); });
  return all;
}

Work reconstruction_work(const std::string& name, int64_t batch) {
  const auto network = reconstruction(0, 0);
  for (NamedVar& p : parameters(*network)) p.var.set_requires_grad(false);
  const Tensor image = images(batch), feature = features(batch);
  const auto forward = [network, image, feature] {
    Run run;
    const Tensor norm = residual_norm((*network)(image, feature, run).feature_rec.value(), feature);
    return kernel::resize_bilinear(norm.reshape({norm.dim(0), kGrid, kGrid, 1}), kSide, kSide, kernel::Align::corners);
  };
  return {.name = name,
          .kind = "reconstruction",
          .options = {{"inplanes", kInplanes}, {"classes", kClasses}},
          .images = batch,
          .run = forward,
          .tensors =
              [network, image, feature] {
                NamedTensors all = weights_of(*network);
                all.emplace_back("in.image", image);
                all.emplace_back("in.feature", feature);
                return all;
              },
          .outputs =
              [forward] {
                return NamedTensors{{"out.pred", forward()}};
              },
          .products = reconstruction_products(batch).forward};
}

Work discriminator_work(const std::string& name, int64_t batch, int64_t patch) {
  Random random{kSeed};
  const auto network = std::make_shared<Discriminator>(kClasses, kHidden, patch, random);
  for (NamedVar& p : parameters(*network)) p.var.set_requires_grad(false);
  const Tensor image = images(batch);
  const auto forward = [network, image] { return (*network)(image, Run{}); };
  Products products;
  add_discriminator(products, batch, patch);
  return {.name = name,
          .kind = "discriminator",
          .options = {{"patch", patch}, {"classes", kClasses}},
          .images = batch,
          .run = forward,
          .tensors =
              [network, image] {
                NamedTensors all = weights_of(*network);
                all.emplace_back("in.image", image);
                return all;
              },
          .outputs =
              [forward] {
                return NamedTensors{{"out.logits", forward().logits.value()}};
              },
          .products = products.forward};
}

// One optimiser step as the `paper` profile takes it. Compared are the loss and the gradient's norm of the first step
// without dropout and jitter, whose random numbers differ between frameworks.
Work training_work(const std::string& name, int64_t batch, real dropout) {
  struct State {
    std::shared_ptr<Reconstruction> network;
    std::vector<NamedVar> parameters;
    Optimizer optimizer{{.weight_decay = 1e-4}};
    Tensor image, feature;
    std::vector<int64_t> labels;
    uint64_t steps = 0;

    explicit State(std::shared_ptr<Reconstruction> n, int64_t size)
        : network(std::move(n)), parameters(iuf::parameters(*network)), image(images(size)), feature(features(size)) {
      for (int64_t i = 0; i < size; ++i) labels.push_back(i % kClasses);
    }
    double backward_pass() {
      Run run{.training = true, .random = {mix_key(kSeed, ++steps)}};
      const auto out = (*network)(image, feature, run);
      const auto t = static_cast<int64_t>(std::min<size_t>(24, labels.size()));
      const Var loss =
          add(add(mse(out.feature_rec, Var(feature)), scale(cross_entropy(out.class_out, labels), real(0.5))),
              compression_loss(out.latents, t));
      backward(loss);
      return static_cast<double>(loss.value().item());
    }
  };
  const auto state = std::make_shared<State>(reconstruction(dropout, 20), batch);
  return {.name = name,
          .kind = "training",
          .options = {{"inplanes", kInplanes}, {"classes", kClasses}, {"dropout", dropout}},
          .images = batch,
          .run =
              [state] {
                state->backward_pass();
                clip_gradients(state->parameters, 0.1);
                state->optimizer.step(state->parameters, 1e-4);
              },
          .tensors =
              [state] {
                NamedTensors all = weights_of(*state->network);
                all.emplace_back("in.image", state->image);
                all.emplace_back("in.feature", state->feature);
                return all;
              },
          .outputs =
              [batch] {
                State first(reconstruction(0, 0), batch);
                const double loss = first.backward_pass();
                return NamedTensors{
                    {"out.loss", Tensor::scalar(static_cast<real>(loss))},
                    {"out.gradient_norm", Tensor::scalar(static_cast<real>(clip_gradients(first.parameters, 0)))}};
              },
          .products = reconstruction_products(batch).all()};
}

}  // namespace

std::vector<WorkMaker> model_works() {
  std::vector<WorkMaker> works;
  const auto add = [&](const std::string& name, const std::function<Work(const std::string&)>& make) {
    works.push_back({name, [=] { return make(name); }});
  };
  for (const real dropout : {real(0.1), real(0)})
    add(std::string("train step, dropout ") + (dropout > 0 ? "0.1" : "0") + ", batch 24",
        [=](const std::string& name) { return training_work(name, 24, dropout); });
  for (const int64_t batch : {8, 1}) {
    const std::string suffix = ", batch " + std::to_string(batch);
    add("reconstruction + discriminator" + suffix,
        [=](const std::string& name) { return reconstruction_work(name, batch); });
    add("EfficientNet-B4 to stride 16" + suffix,
        [=](const std::string& name) { return backbone_work(name, "efficientnet_b4", batch); });
    add("EfficientNet-Lite0 to stride 16" + suffix,
        [=](const std::string& name) { return backbone_work(name, "efficientnet_lite0", batch); });
  }
  add("full-pixel discriminator, batch 1", [](const std::string& name) { return discriminator_work(name, 1, 1); });
  return works;
}

void bench_models(const Plan& plan, Table& table) {
  table.section("models");
  for (const WorkMaker& maker : model_works()) {
    if (!plan.wants(maker.name)) continue;
    const Work work = maker.make();
    table.row(work.name, work.images, measure(work.run, 5, 2), work.products, work.flop);
  }
}

}  // namespace iuf::bench
