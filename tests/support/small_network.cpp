#include "support/small_network.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "iuf/methods/reconstruction_method.h"
#include "tensor/permute.h"

namespace iuf {

Reconstruction small_network(const TensorFile& file, const SmallNetworkOptions& options) {
  Random random{5};
  Reconstruction network({.inplanes = file.shape("in.a")[1],
                          .height = file.shape("in.a")[2],
                          .width = file.shape("in.a")[3],
                          .hidden = file.shape("param.input_proj.weight")[0],
                          .heads = std::stoll(file.metadata("heads")),
                          .encoder_layers = 2,
                          .decoder_layers = 1,
                          .feed_forward = file.shape("param.transformer.encoder.layers.0.linear1.weight")[0],
                          .dropout = 0,
                          .jitter = 0,
                          .mask_encoder = true,
                          .mask_decoder1 = true,
                          .mask_decoder2 = true,
                          .neighbour_height = 3,
                          .neighbour_width = 3,
                          .oasa = false,
                          .external_key = options.external_key},
                         random);
  load_module(network, file, "param.");
  return network;
}

Settings small_settings(const TensorFile& file) {
  Settings s;
  s.grid = 4;
  s.jitter = 0;
  s.oasa = false;
  s.compression = CompressionKind::off;
  s.epochs = s.increment_epochs = std::stoll(file.metadata("iterations"));
  s.batch = 64;
  s.optimizer = s.increment_optimizer = OptimizerKind::sgd;
  s.learning_rate = s.increment_learning_rate = std::stod(file.metadata("lr"));
  s.weight_decay = 0;
  s.clip = 0;
  s.schedule = ScheduleKind::constant;
  set(s, "path-damping", std::stod(file.metadata("damping")));
  return s;
}

TrainingSet small_step(const Tensor& images, int64_t step) {
  const int64_t tokens = images.dim(2) * images.dim(3), channels = images.dim(1);
  const Tensor features =
      kernel::permute(images, std::vector<int>{0, 2, 3, 1}).reshape({images.dim(0), tokens, channels});
  return {.step = step, .count = images.dim(0), .example = [=](int64_t i) {
            return Example{.image = {}, .feature = features.rows(i, 1).reshape({tokens, channels}), .label = 0};
          }};
}

void learn_step(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention,
                const StepContext& context) {
  retention.begin({.step = set.step, .parameters = parameters(network), .tensors = all_tensors(network)});
  train(network, set, settings, retention, context);
}

std::unique_ptr<Method> make_method(const std::string& name, Settings settings) {
  const MethodInfo& info = method_info(name);
  info.adjust(settings);
  return info.make(settings, {});
}

Retention& retention_of(Method& method) {
  return dynamic_cast<ReconstructionMethod&>(method).retention();
}

}  // namespace iuf
