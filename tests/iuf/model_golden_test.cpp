#include <catch2/catch.hpp>

#include "iuf/compression_loss.h"
#include "iuf/projected_update.h"
#include "iuf/reconstruction.h"
#include "nn/optimizer.h"
#include "support/golden.h"
#include "tensor/elementwise.h"
#include "tensor/permute.h"
#include "tensor/resize.h"

using namespace iuf;

namespace {

// Sizes are read from the file; nothing about the networks is assumed.
struct GoldenModel {
  TensorFile file;
  Reconstruction network;
  Tensor image, feature;
  std::vector<int64_t> labels;

  explicit GoldenModel(const std::string& name) : file(golden(name + ".safetensors")) {
    const auto has = [&](const std::string& key) { return file.contains("param." + key); };
    const auto count = [&](const std::string& stack) {
      int64_t n = 0;
      while (has("transformer." + stack + ".layers." + std::to_string(n) + ".linear1.weight")) ++n;
      return n;
    };
    const Tensor chw = file.tensor("in.feature");
    ReconstructionOptions o;
    o.inplanes = chw.dim(1);
    o.height = chw.dim(2);
    o.width = chw.dim(3);
    o.hidden = file.shape("param.input_proj.weight")[0];
    o.heads = std::stoll(file.metadata("heads"));
    o.feed_forward = file.shape("param.transformer.encoder.layers.0.linear1.weight")[0];
    o.encoder_layers = count("encoder");
    o.decoder_layers = count("decoder");
    o.dropout = 0;
    o.jitter = 0;
    const std::string masks = file.metadata("masks");  // "(True, False, True)"
    o.mask_encoder = masks.starts_with("(True");
    o.mask_decoder1 = masks.find(", True,") != std::string::npos;
    o.mask_decoder2 = masks.ends_with("True)");
    const std::string neighbour = file.metadata("neighbor");
    o.neighbour_height = std::stoll(neighbour);
    o.neighbour_width = std::stoll(neighbour.substr(neighbour.find('x') + 1));
    o.oasa = has("vitclassifiy.conv1.weight");
    if (o.oasa) {
      o.patch = file.shape("param.vitclassifiy.conv1.weight")[2];
      o.classes = file.shape("param.vitclassifiy.fc.2.weight")[0];
    }
    Random random;
    network = Reconstruction(o, random);
    load_module(network, file, "param.");
    image = kernel::permute(file.tensor("in.image"), std::vector<int>{0, 2, 3, 1});
    feature = kernel::permute(chw, std::vector<int>{0, 2, 3, 1}).reshape({chw.dim(0), o.height * o.width, o.inplanes});
    labels = file.integers("in.labels");
  }

  // B x T x C as B x C x h x w.
  Tensor as_map(const Tensor& tokens) const {
    const auto& o = network.options;
    return kernel::permute(tokens.reshape({tokens.dim(0), o.height, o.width, tokens.dim(2)}), std::vector<int>{0, 3, 1, 2});
  }

  struct Losses {
    Reconstruction::Output out;
    Var mse_loss, ce, scl, total;
  };
  Losses losses() {
    Run run{.training = true};
    Losses l{network(image, feature, run), {}, {}, {}, {}};
    l.mse_loss = mse(l.out.feature_rec, Var(feature));
    l.scl = compression_loss(l.out.latents, std::stoll(file.metadata("t")));
    l.total = add(l.mse_loss, scale(l.scl, 5));
    if (l.out.class_out.defined()) {
      l.ce = cross_entropy(l.out.class_out, labels);
      l.total = add(l.total, scale(l.ce, real(0.5)));
    }
    return l;
  }
};

const char* const kModels[] = {"iuf_patch16", "iuf_pixel", "uniad", "iuf_masked"};

// float: values 1e-5 of the largest, gradients 1e-4 (sums over a few thousand terms of eps = 6e-8).
constexpr double kValue = 1e-5, kGradient = 1e-4;

}  // namespace

TEST_CASE("the forward pass in evaluation mode equals the reference", "[iuf][golden]") {
  for (const std::string name : kModels) {
    INFO(name);
    GoldenModel m(name);
    const Frozen frozen(m.network);
    Run run;
    const auto out = m.network(m.image, m.feature, run);
    check_close("feature_rec", m.as_map(out.feature_rec.value()), m.file.tensor("out.feature_rec"), kValue);
    if (out.class_out.defined()) check_close("class_out", out.class_out.value(), m.file.tensor("out.class_out"), kValue);
    for (size_t i = 0; i < out.latents.size(); ++i)
      check_close("latent", kernel::permute(out.latents[i].value(), std::vector<int>{0, 2, 1}), m.file.tensor("out.latent." + std::to_string(i)), kValue);
    const auto& o = m.network.options;
    const Tensor norm = residual_norm(out.feature_rec.value(), m.feature).reshape({m.feature.dim(0), o.height, o.width, 1});
    check_close("pred", resize_bilinear(norm, o.height * 16, o.width * 16, true).reshape(m.file.tensor("out.pred").shape()),
                m.file.tensor("out.pred"), kValue);
    check_close("compression", compression_loss(out.latents, std::stoll(m.file.metadata("t"))).value(), m.file.tensor("loss.compression_eval"), kValue);
    CHECK(compression_loss_released(out.latents, 0.1) ==
          Approx(static_cast<double>(m.file.tensor("loss.compression_released_eval").item())).epsilon(1e-4).margin(1e-7));
  }
}

TEST_CASE("losses, every gradient, the clipped norm and one step of both optimisers equal the reference", "[iuf][golden]") {
  for (const std::string name : kModels) {
    INFO(name);
    GoldenModel m(name);
    auto l = m.losses();
    check_close("mse", l.mse_loss.value(), m.file.tensor("loss.mse"), kValue);
    if (l.ce.defined()) check_close("ce", l.ce.value(), m.file.tensor("loss.ce"), kValue);
    check_close("compression", l.scl.value(), m.file.tensor("loss.compression"), kValue);
    check_close("total", l.total.value(), m.file.tensor("loss.total"), kValue);
    backward(l.total);
    auto trained = parameters(m.network);
    const double norm = clip_gradients(trained, 0.1);  // the file's gradients are those after clipping
    CHECK(norm == Approx(static_cast<double>(m.file.tensor("out.grad_norm").item())).epsilon(kGradient));
    // Some gradients are 0 but for rounding (a key's bias shifts all scores alike): those are compared with the rounding of
    // the largest gradient.
    double largest = 0;
    for (const NamedVar& p : trained)
      if (p.var.grad().defined())
        for (real g : p.var.grad().span()) largest = std::max(largest, std::abs(static_cast<double>(g)));
    std::map<std::string, Tensor> before, gradients;
    for (const NamedVar& p : trained) {
      before[p.name] = p.var.value().clone();
      if (!m.file.contains("grad." + p.name)) {
        CHECK_FALSE(p.var.grad().defined());
        continue;
      }
      gradients[p.name] = p.var.grad();
      check_close("gradient of " + p.name, p.var.grad(), m.file.tensor("grad." + p.name), kGradient, 1e-7 * largest);
    }
    // One projected SGD step (Eq. 10-13).
    const Tensor basis = m.file.tensor("in.basis"), gate = channel_gate(m.network.options.hidden);
    for (const auto& [key, gradient] : gradients) {
      Tensor theta = before[key].clone();
      const bool projected = key.find("transformer") != std::string::npos && key.find("linear2") != std::string::npos;
      kernel::add_scaled(theta, real(-0.01), projected ? project_update(gradient, basis, gate) : gradient);
      check_close("projected " + key, theta, m.file.tensor("projected." + key), kValue);
    }
    // Adam's first step is lr * sign(g) but for eps = 1e-8, so an element's error is up to 2 lr where |g| is rounding noise.
    Optimizer({.kind = OptimizerKind::adamw, .weight_decay = 1e-2}).step(trained, 1e-3);
    for (const NamedVar& p : trained)
      if (m.file.contains("adamw." + p.name)) {
        const Tensor expected = m.file.tensor("adamw." + p.name), gradient = gradients[p.name];
        for (int64_t i = 0; i < expected.size(); ++i) {
          const double g = std::abs(static_cast<double>(gradient.data()[i]));
          const double allowed = 2e-6 + 1e-3 * std::min(2.0, 1e-7 / std::max(g, 1e-12));
          INFO(p.name << " element " << i << " gradient " << g);
          CHECK(std::abs(static_cast<double>(p.var.value().data()[i]) - static_cast<double>(expected.data()[i])) <= allowed);
        }
      }
  }
}
