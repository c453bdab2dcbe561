#include "iuf/learn/trainer.h"

#include <algorithm>
#include <cmath>

#include "iuf/paper/compression_loss.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"

namespace iuf {
namespace {

struct Batch {
  Tensor images, features;  // B x H x W x 3 or undefined, B x T x C
  std::vector<int64_t> labels;
};

Batch load(const Reconstruction& network, const TrainingSet& set, const std::vector<int64_t>& numbers,
           int64_t image_size) {
  const ReconstructionOptions& o = network.options;
  const auto size = static_cast<int64_t>(numbers.size());
  Batch batch{.images = {},
              .features = Tensor({size, o.height * o.width, o.inplanes}),
              .labels = std::vector<int64_t>(numbers.size())};
  if (network.discriminator) batch.images = Tensor({size, image_size, image_size, 3});
  parallel_for(size, 1, [&](int64_t i, int64_t) {
    const Example e = set.example(numbers[static_cast<size_t>(i)]);
    if (network.discriminator) std::copy_n(e.image.data(), e.image.size(), batch.images.data() + i * e.image.size());
    std::copy_n(e.feature.data(), e.feature.size(), batch.features.data() + i * e.feature.size());
    batch.labels[static_cast<size_t>(i)] = e.label;
  });
  return batch;
}

}  // namespace

BatchLoss training_losses(const Reconstruction::Output& out, const Tensor& features, const std::vector<int64_t>& labels,
                          const Settings& s, bool compress) {
  const Var mse_loss = mse(out.feature_rec, Var(features));  // [Eq. 2]
  BatchLoss losses{.total = scale(mse_loss, static_cast<real>(s.reconstruction_weight)),
                   .parts = {{"reconstruction", static_cast<double>(mse_loss.value().item())}}};
  if (out.class_out.defined() && s.classification_weight > 0) {
    const Var ce = cross_entropy(out.class_out, labels);
    losses.parts.push_back({"classification", static_cast<double>(ce.value().item())});
    losses.total = add(losses.total, scale(ce, static_cast<real>(s.classification_weight)));
  }
  if (compress && s.compression == CompressionKind::paper) {
    const int64_t values = std::min(features.dim(0), s.hidden);
    const int64_t t = 1 + static_cast<int64_t>(s.compression_from * static_cast<double>(values));
    const Var scl = compression_loss(out.latents, t);
    losses.parts.push_back({"compression", static_cast<double>(scl.value().item())});
    losses.total = add(losses.total, scale(scl, static_cast<real>(s.compression_weight)));
  } else if (compress) {
    losses.parts.push_back({"compression", compression_loss_released(out.latents, s.compression_from)});
    losses.constant = s.compression_weight * losses.parts.back().value;  // no gradient, as published
  }
  return losses;
}

void train(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention,
           const StepContext& context) {
  const bool compress = settings.compression != CompressionKind::off && network.options.decoder_layers > 1 &&
                        (set.base || settings.compress_increments);
  struct Pass {
    Reconstruction::Output out;
    BatchLoss loss;
  };
  const auto pass = [&](const std::vector<int64_t>& images, Run& run) {
    const Batch batch = load(network, set, images, settings.image_size);
    const Reconstruction::Output out = network(batch.images, batch.features, run);
    if (!std::isfinite(kernel::sum(out.feature_rec.value())))
      fail("training: the reconstruction is not finite; lower the learning rate (",
           set.base ? settings.learning_rate : settings.increment_learning_rate, ") or clip");
    return Pass{out, training_losses(out, batch.features, batch.labels, settings, compress)};
  };
  TrainingLoop loop = training_loop(settings, set.step, set.base, set.count);
  loop.loss = [&](const std::vector<int64_t>& images, Run& run) { return pass(images, run).loss; };
  loop.retention = &retention;
  loop.review = [&](int64_t image) {
    Run run;
    const Pass p = pass({image}, run);
    return StepReview::Pass{p.loss.total, p.out.feature_rec};
  };
  train(all_tensors(network), parameters(network), loop, context);
}

}  // namespace iuf
