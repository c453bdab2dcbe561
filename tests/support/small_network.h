#pragma once

#include <memory>
#include <string>

#include "iuf/learn/trainer.h"
#include "nn/tensor_file.h"

namespace iuf {

struct SmallNetworkOptions {
  bool external_key = false;
};
/// The network of tests/golden/parts/retention.safetensors, with its weights: T = 16 positions, 6 channels, masked
/// attention.
Reconstruction small_network(const TensorFile& file, const SmallNetworkOptions& options = {});
/// Settings that belong to it: full batches of plain SGD with a constant rate, everything else off.
Settings small_settings(const TensorFile& file);
/// A step on images B x C x h x w.
TrainingSet small_step(const Tensor& images, int64_t step);
/// The whole step: begin() and train().
void learn_step(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention,
                const StepContext& context = {});

/// A new model's method of this name, for the settings, which adjust() changes.
std::unique_ptr<Method> make_method(const std::string& name, Settings settings);
/// What protects old objects in that method.
Retention& retention_of(Method& method);

}  // namespace iuf
