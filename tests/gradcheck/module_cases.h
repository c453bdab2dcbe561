#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "autograd/gradcheck.h"
#include "iuf/paper/compression_loss.h"
#include "iuf/paper/reconstruction.h"

// Whole networks: that operations are put together to what backward() differentiates. One line per case.
namespace iuf {

struct ModuleCase {
  std::string name;
  std::function<Gradcheck()> check;
};

/// Compares the gradients of forward() with respect to the module's parameters that `chosen` accepts, a few elements
/// each.
template <class Module>
Gradcheck check_module(Module& module, const std::function<bool(const std::string&)>& chosen,
                       const std::function<Var()>& forward) {
  std::vector<Tensor> values;
  uint64_t stream = 500;
  module.visit([&](const std::string& name, Var& tensor, Role role) {
    if (role != Role::parameter) return;
    Tensor value = tensor.value().clone();  // off the defaults of 0 and 1, where terms could be missing unnoticed
    Tensor noise(value.shape());
    fill_uniform(noise, real(-0.2), real(0.2), ++stream);
    tensor = Var(kernel::add(value, noise));
    if (chosen(name)) values.push_back(tensor.value());
  });
  const auto with = [&](std::span<const Var> in) {
    size_t next = 0;
    module.visit([&](const std::string& name, Var& tensor, Role role) {
      if (role == Role::parameter && chosen(name)) tensor = in[next++];
    });
    return forward();
  };
  return gradcheck(with, values, 1e-6, 6);
}

inline Gradcheck check_reconstruction(const ReconstructionOptions& options, int64_t image_size) {
  Random random{3};
  Reconstruction network(options, random);
  Tensor image({3, image_size, image_size, 3}), feature({3, options.height * options.width, options.inplanes});
  fill_normal(image, 0, 1, 1);
  fill_normal(feature, 0, 1, 2);
  // The discriminator's maps are conditions without history, so its parameters are checked by its scores (below).
  return check_module(
      network, [](const std::string& name) { return !name.starts_with("vitclassifiy"); },
      [&] {
        Run run{.training = true};
        const Reconstruction::Output out = network(image, feature, run);
        return mse(out.feature_rec, Var(feature)) + compression_loss(out.latents, 2);
      });
}

inline Gradcheck check_discriminator(int64_t patch) {
  Random random{5};
  Discriminator network(3, 8, patch, random);
  Tensor image({2, 3 * patch, 2 * patch, 3});
  fill_normal(image, 0, 1, 1);
  return check_module(
      network, [](const std::string&) { return true; },
      [&] {
        return cross_entropy(network(image, {.training = true}).logits, {2, 0});
      });
}

inline std::vector<ModuleCase> module_cases() {
  const ReconstructionOptions base{.inplanes = 5,
                                   .height = 2,
                                   .width = 3,
                                   .hidden = 8,
                                   .heads = 2,
                                   .encoder_layers = 2,
                                   .decoder_layers = 3,
                                   .feed_forward = 7,
                                   .dropout = 0,
                                   .jitter = 0,
                                   .neighbour_height = 1,
                                   .neighbour_width = 1,
                                   .oasa = false};
  ReconstructionOptions masked = base, dropped = base, conditioned = base, keyed = base;
  masked.mask_encoder = masked.mask_decoder1 = masked.mask_decoder2 = true;
  dropped.dropout = real(0.2);
  dropped.jitter = 20;
  conditioned.oasa = true;
  conditioned.patch = 4;
  keyed.external_key = true;
  return {{"reconstruction", [=] { return check_reconstruction(base, 4); }},
          {"reconstruction, masks", [=] { return check_reconstruction(masked, 4); }},
          {"reconstruction, dropout and jitter", [=] { return check_reconstruction(dropped, 4); }},
          {"reconstruction, object-aware", [=] { return check_reconstruction(conditioned, 16); }},
          {"reconstruction, external key", [=] { return check_reconstruction(keyed, 4); }},
          {"discriminator, patches", [] { return check_discriminator(2); }},
          {"discriminator, pixels", [] { return check_discriminator(1); }}};
}

}  // namespace iuf
