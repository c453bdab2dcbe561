#include <algorithm>
#include <cmath>
#include <map>

#include "iuf/paper/compression_loss.h"
#include "iuf/paper/projected_update.h"
#include "iuf/paper/reconstruction.h"
#include "iuf/selfcheck/comparison.h"
#include "nn/optimizer.h"
#include "tensor/error.h"
#include "tensor/permute.h"
#include "tensor/reduce.h"
#include "tensor/resize.h"

namespace iuf {
namespace {

// "(True, False, True)", as Python prints a tuple: encoder, decoder's first and second attention.
std::vector<bool> flags(const TensorFile& file, const std::string& key) {
  std::vector<bool> found;
  const std::string& text = file.metadata(key);
  for (size_t at = 0; (at = text.find_first_of("TF", at)) != std::string::npos; ++at) found.push_back(text[at] == 'T');
  if (found.size() != 3)
    fail(file.path(), ": metadata '", key, "' is '", printable(text), "', not three of True and False");
  return found;
}

// "3x3": height and width.
std::pair<int64_t, int64_t> extent(const TensorFile& file, const std::string& key) {
  const std::string& text = file.metadata(key);
  int height = 0, width = 0, end = 0;
  if (std::sscanf(text.c_str(), "%dx%d%n", &height, &width, &end) != 2 || static_cast<size_t>(end) != text.size() ||
      height < 1 || width < 1)
    fail(file.path(), ": metadata '", key, "' is '", printable(text), "', not HEIGHTxWIDTH");
  return {height, width};
}

/// A network as a golden file describes it by its tensors, and what it needs to be compared.
struct GoldenModel {
  const TensorFile& file;
  Reconstruction network;
  Tensor image, feature;  // B x H x W x 3, B x T x C
  std::vector<int64_t> labels;
  double value_tolerance = 0, gradient_tolerance = 0;

  explicit GoldenModel(const TensorFile& golden) : file(golden) {
    const Tensor images = with_axes(file, "in.image", 4), maps = with_axes(file, "in.feature", 4);
    ReconstructionOptions o;
    o.inplanes = maps.dim(1);
    o.height = maps.dim(2);
    o.width = maps.dim(3);
    o.hidden = with_axes(file, "param.input_proj.weight", 2).dim(0);
    o.heads = integer(file, "heads");
    o.feed_forward = with_axes(file, "param.transformer.encoder.layers.0.linear1.weight", 2).dim(0);
    o.encoder_layers = layers("encoder");
    o.decoder_layers = layers("decoder");
    o.dropout = 0;
    o.jitter = 0;
    const std::vector<bool> masks = flags(file, "masks");
    o.mask_encoder = masks[0];
    o.mask_decoder1 = masks[1];
    o.mask_decoder2 = masks[2];
    std::tie(o.neighbour_height, o.neighbour_width) = extent(file, "neighbor");
    o.oasa = file.contains("param.vitclassifiy.conv1.weight");
    if (o.oasa) {
      o.patch = with_axes(file, "param.vitclassifiy.conv1.weight", 4).dim(2);
      if (o.patch < 1) fail(file.path(), ": 'param.vitclassifiy.conv1.weight' has no pixels");
      o.classes = with_axes(file, "param.vitclassifiy.fc.2.weight", 2).dim(0);
      labels = file.integers("in.labels");
    }
    Random random;
    network = Reconstruction(o, random);
    load_module(network, file, "param.");
    image = kernel::permute(images, std::vector<int>{0, 2, 3, 1});
    feature =
        kernel::permute(maps, std::vector<int>{0, 2, 3, 1}).reshape({maps.dim(0), o.height * o.width, o.inplanes});

    // Products in a row: in-projection, scores, weighted sum, out-projection and two linear layers an attention block,
    // and the projections at both ends. The longest sum of the forward pass runs over channels or tokens; a parameter's
    // gradient also sums over all rows of the batch, and comes after the forward and the backward pass.
    const double depth = 2 + 6 * static_cast<double>(o.encoder_layers) + 10 * static_cast<double>(o.decoder_layers) +
                         (o.oasa ? 1 + 6 * 4 + 2 : 0);
    const auto length = static_cast<double>(std::max({o.hidden, o.feed_forward, o.inplanes, o.height * o.width}));
    const int64_t pixels = o.oasa ? (image.dim(1) / o.patch) * (image.dim(2) / o.patch) : 0;
    const auto rows = static_cast<double>(feature.dim(0) * std::max(o.height * o.width, pixels));
    value_tolerance = rounding(depth, length);
    gradient_tolerance = std::max(rounding(2 * depth, std::max(length, rows)), kink_tolerance());
  }

  // A ReLU whose input is 0 but for rounding may pass a gradient on one side and not on the other. An input of
  // deviation 1 is that close with probability 0.8 * 2^-22; one of the B * T * F inputs of a layer carries about the
  // inverse root of half of them of its gradient. Where less than one case in twenty has such an input, none is allowed
  // for.
  double kink_tolerance() const {
    const auto& o = network.options;
    const double inputs = static_cast<double>(feature.dim(0) * o.height * o.width * o.feed_forward);
    const double flips = 0.8 * 0x1p-22 * inputs * static_cast<double>(o.encoder_layers + o.decoder_layers);
    return flips < 0.05 ? 0 : std::sqrt(std::max(flips, 1.0) / (inputs / 2));
  }

  int64_t layers(const std::string& stack) const {
    int64_t n = 0;
    while (file.contains("param.transformer." + stack + ".layers." + std::to_string(n) + ".linear1.weight")) ++n;
    return n;
  }

  // B x T x C as B x C x h x w.
  Tensor as_map(const Tensor& tokens) const {
    const auto& o = network.options;
    return kernel::permute(tokens.reshape({tokens.dim(0), o.height, o.width, tokens.dim(2)}),
                           std::vector<int>{0, 3, 1, 2});
  }

  Reconstruction::Output evaluate() {
    const Frozen frozen(network);
    Run run;
    return network(image, feature, run);
  }

  struct Losses {
    Var mse_loss, ce, scl, total;
  };
  Losses losses(const Tensor& images, const Tensor& features, const std::vector<int64_t>& classes) {
    Run run{.training = true};
    const Reconstruction::Output out = network(images, features, run);
    Losses l;
    l.mse_loss = mse(out.feature_rec, Var(features));
    l.scl = compression_loss(out.latents, integer(file, "t"));
    l.ce = out.class_out.defined() ? cross_entropy(out.class_out, classes) : Var(Tensor::scalar(0));
    const auto weighted = [&](const char* key, const Var& loss) {
      return scale(loss, static_cast<real>(number(file, key)));
    };
    l.total = add(add(weighted("lambda0", l.mse_loss), weighted("lambda1", l.ce)), weighted("lambda2", l.scl));
    return l;
  }
};

void check_forward(GoldenModel& m, Comparison& all) {
  const auto& o = m.network.options;
  const TensorFile& file = m.file;
  const Reconstruction::Output out = m.evaluate();
  all.close("reconstruction, evaluation mode", m.as_map(out.feature_rec.value()), file.tensor("out.feature_rec"),
            m.value_tolerance);
  if (out.class_out.defined())
    all.close("class scores", out.class_out.value(), file.tensor("out.class_out"), m.value_tolerance);
  Comparison::Family latents(all, "latents", m.value_tolerance);
  for (size_t i = 0; i < out.latents.size(); ++i) {
    const std::string name = "out.latent." + std::to_string(i);
    latents.add(name, kernel::permute(out.latents[i].value(), std::vector<int>{0, 2, 1}), file.tensor(name));
  }
  if (!out.latents.empty()) latents.finish();
  const Tensor expected = with_axes(file, "out.pred", 4);
  const Tensor norm =
      residual_norm(out.feature_rec.value(), m.feature).reshape({m.feature.dim(0), o.height, o.width, 1});
  all.close("anomaly map",
            kernel::permute(kernel::resize_bilinear(norm, expected.dim(2), expected.dim(3), kernel::Align::corners),
                            std::vector<int>{0, 3, 1, 2}),
            expected, m.value_tolerance);
  all.close("compression loss, evaluation mode", compression_loss(out.latents, integer(file, "t")).value(),
            file.tensor("loss.compression_eval"), m.value_tolerance);
  // Shares of a sum of 1, most often all above the limit: a value of 0. The reference's limit is 0.1 / 256.
  all.close("compression loss, as released", compression_loss_released(out.latents, 0.1),
            static_cast<double>(file.tensor("loss.compression_released_eval").item()), m.value_tolerance, 1);
}

// The golden's gradients, those after clipping, in place of the model's own.
std::vector<NamedVar> with_golden_gradients(GoldenModel& m) {
  std::vector<NamedVar> trained = parameters(m.network);
  for (NamedVar& p : trained) {
    p.var.clear_grad();
    if (m.file.contains("grad." + p.name)) p.var.set_grad(m.file.tensor("grad." + p.name));
  }
  return trained;
}

void check_training_step(GoldenModel& m, Comparison& all) {
  const TensorFile& file = m.file;
  GoldenModel::Losses l = m.losses(m.image, m.feature, m.labels);
  all.close("reconstruction loss, training mode", l.mse_loss.value(), file.tensor("loss.mse"), m.value_tolerance);
  if (m.network.discriminator)
    all.close("classification loss", l.ce.value(), file.tensor("loss.ce"), m.value_tolerance);
  all.close("compression loss", l.scl.value(), file.tensor("loss.compression"), m.value_tolerance);
  all.close("total loss", l.total.value(), file.tensor("loss.total"), m.value_tolerance);

  backward(l.total);
  std::vector<NamedVar> trained = parameters(m.network);
  all.close("gradient norm", clip_gradients(trained, number(file, "clip")),
            static_cast<double>(file.tensor("out.grad_norm").item()), m.gradient_tolerance);
  // Some gradients are 0 but for rounding (a key's bias shifts all scores alike): the floor for them is a share of the
  // largest.
  double largest = 0;
  for (const NamedVar& p : trained)
    if (file.contains("grad." + p.name))
      largest = std::max(largest, std::sqrt(kernel::sum_of_squares(file.tensor("grad." + p.name))));
  Comparison::Family gradients(all, "clipped gradients", m.gradient_tolerance);
  for (const NamedVar& p : trained) {
    const std::string name = "grad." + p.name;
    if (!file.contains(name)) {
      if (p.var.grad().defined()) gradients.failed(name, "the reference has no gradient here");
    } else if (!p.var.grad().defined()) {
      gradients.failed(name, "no gradient");
    } else {
      gradients.add_norm(name, p.var.grad(), file.tensor(name), 1e-3 * largest);
    }
  }
  gradients.finish();

  // Both steps start from the golden's gradients: Adam's first step is lr * sign(g) but for its eps, and the sign of a
  // gradient that is 0 but for rounding is noise.
  std::map<std::string, Tensor> before;
  for (const NamedVar& p : trained) before[p.name] = p.var.value().clone();
  constexpr double kStep = 4 * 0x1p-24;  // a handful of roundings
  const int64_t hidden = m.network.options.hidden;
  const Tensor basis = with_axes(file, "in.basis", 2), gate = channel_gate(hidden);
  const auto step = [&](const std::string& quantity, const std::string& prefix, const OptimizerOptions& options,
                        double rate, const UpdateFilter& filter, double tolerance) {
    trained = with_golden_gradients(m);
    for (NamedVar& p : trained) std::copy_n(before[p.name].data(), before[p.name].size(), p.var.mutable_value().data());
    Optimizer(options).step(trained, rate, filter);
    Comparison::Family family(all, quantity, tolerance);
    for (const NamedVar& p : trained)
      if (file.contains("grad." + p.name)) family.add(prefix + p.name, p.var.value(), file.tensor(prefix + p.name));
    family.finish();
  };
  step("one AdamW step", "adamw.", {.kind = OptimizerKind::adamw, .weight_decay = number(file, "adamw_weight_decay")},
       number(file, "adamw_lr"), {}, kStep);
  const UpdateFilter projected{
      .wants =
          [](const std::string& name) {
            return name.starts_with("transformer.") && name.find(".linear2.") != std::string::npos;
          },
      .apply = [&](const std::string&, Tensor& update) { update = project_update(update, basis, gate); }};
  step("one projected step (Eq. 10-13)", "projected.", {.kind = OptimizerKind::sgd, .weight_decay = 0},
       number(file, "sgd_lr"), projected, kStep + rounding(2, static_cast<double>(hidden)));
}

}  // namespace

void check_model(const TensorFile& file, Comparison& all) {
  GoldenModel m(file);
  check_forward(m, all);
  check_training_step(m, all);
}

void check_replay(const TensorFile& file, Comparison& all) {
  GoldenModel m(file);
  const Tensor order = with_axes(file, "in.order", 2);
  const std::vector<int64_t> chosen = file.integers("in.order");
  const int64_t steps = order.dim(0), batch = order.dim(1), images = m.feature.dim(0);
  const auto rows = [&](const Tensor& from, int64_t step) {
    std::vector<Tensor> parts;
    for (int64_t i = 0; i < batch; ++i) parts.push_back(from.rows(chosen[static_cast<size_t>(step * batch + i)], 1));
    return kernel::concat(parts, 0);
  };
  for (const int64_t i : chosen)
    if (i < 0 || i >= images) fail(file.path(), ": 'in.order' names image ", i, " of ", images);
  std::vector<NamedVar> trained = parameters(m.network);
  Optimizer optimizer({.kind = OptimizerKind::adamw, .weight_decay = number(file, "adamw_weight_decay")});
  // Shares of the reference's value in each step, so that late small losses count as much as early large ones.
  struct Curve {
    const char* quantity;
    const char* name;
    Tensor share;
  };
  std::vector<Curve> curves = {{"reconstruction loss", "loss.mse", {}},
                               {"classification loss", "loss.ce", {}},
                               {"compression loss", "loss.compression", {}},
                               {"total loss", "loss.total", {}},
                               {"gradient norm", "out.grad_norm", {}}};
  for (Curve& curve : curves) {
    if (with_axes(file, curve.name, 1).dim(0) != steps)
      fail(file.path(), ": '", curve.name, "' needs ", steps, " values");
    curve.share = Tensor({steps});
  }
  for (int64_t s = 0; s < steps; ++s) {
    std::vector<int64_t> classes;
    for (int64_t i = 0; i < batch && !m.labels.empty(); ++i)
      classes.push_back(m.labels.at(static_cast<size_t>(chosen[static_cast<size_t>(s * batch + i)])));
    const GoldenModel::Losses l = m.losses(rows(m.image, s), rows(m.feature, s), classes);
    backward(l.total);
    const double norm = clip_gradients(trained, number(file, "clip"));
    optimizer.step(trained, number(file, "adamw_lr"));
    const double values[] = {static_cast<double>(l.mse_loss.value().item()), static_cast<double>(l.ce.value().item()),
                             static_cast<double>(l.scl.value().item()), static_cast<double>(l.total.value().item()),
                             norm};
    for (size_t c = 0; c < curves.size(); ++c) {
      const double expected = static_cast<double>(file.tensor(curves[c].name).data()[s]);
      curves[c].share.data()[s] = static_cast<real>(values[c] == expected ? 1 : values[c] / expected);
    }
  }
  // Differences of rounding grow from step to step; 1e-4 is where another optimiser or another loss shows in 30 steps,
  // and where rounding does not reach.
  constexpr double kReplay = 1e-4;
  for (const Curve& curve : curves)
    all.close(std::string(curve.quantity) + " over " + std::to_string(steps) + " steps", curve.share,
              Tensor::full({steps}, 1), kReplay);
  all.close("reconstruction after them, evaluation mode", m.as_map(m.evaluate().feature_rec.value()),
            file.tensor("out.feature_rec"), kReplay);
}

}  // namespace iuf
