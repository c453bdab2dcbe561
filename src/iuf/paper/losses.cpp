#include "iuf/paper/losses.h"

#include "iuf/paper/compression_loss.h"

namespace iuf {

LossOptions loss_options(const Settings& s, int64_t step) {
  LossOptions options{s, s, s};
  if (step > 0 && !s.compress_increments) options.compression = CompressionKind::off;
  return options;
}

BatchLoss training_losses(const Reconstruction::Output& out, const Tensor& features, const std::vector<int64_t>& labels,
                          const LossOptions& o) {
  const real lambda0 = static_cast<real>(o.reconstruction_weight), lambda1 = static_cast<real>(o.classification_weight),
             lambda2 = static_cast<real>(o.compression_weight);
  BatchLoss loss;
  const auto part = [&](const char* name, const Var& value) {
    loss.parts.push_back({name, static_cast<double>(value.value().item())});
    return value;
  };
  loss.total = lambda0 * part("reconstruction", mse(out.feature_rec, Var(features)));
  if (out.class_out.defined() && o.classification_weight > 0)
    loss.total = loss.total + lambda1 * part("classification", cross_entropy(out.class_out, labels));
  if (out.latents.empty() || o.compression == CompressionKind::off) return loss;
  if (o.compression == CompressionKind::paper) {
    const int64_t t = compression_start(o.compression_from, out.latents[0].dim(0), out.latents[0].dim(2));
    loss.total = loss.total + lambda2 * part("compression", compression_loss(out.latents, t));
  } else {
    loss.parts.push_back({"compression", compression_loss_released(out.latents, o.compression_from)});
    loss.constant = o.compression_weight * loss.parts.back().value;
  }
  return loss;
}

}  // namespace iuf
