#include "iuf/learn/trainer.h"

#include <algorithm>
#include <cmath>

#include "iuf/paper/losses.h"
#include "nn/diverged.h"
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

void train(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention,
           const StepContext& context) {
  TrainingLoop loop = training_loop(settings, set.step, set.count);
  const LossOptions losses = loss_options(settings, set.step);
  struct Pass {
    Reconstruction::Output out;
    BatchLoss loss;
  };
  const auto pass = [&](const std::vector<int64_t>& images, Run& run) {
    const Batch batch = load(network, set, images, settings.image_size);
    const Reconstruction::Output out = network(batch.images, batch.features, run);
    if (!std::isfinite(kernel::sum(out.feature_rec.value()))) throw Diverged("the reconstruction is not finite");
    return Pass{out, training_losses(out, batch.features, batch.labels, losses)};
  };
  loop.order = set.order;
  loop.loss = [&](const std::vector<int64_t>& images, Run& run) { return pass(images, run).loss; };
  loop.retention = &retention;
  loop.pass = [&](int64_t image) {
    Run run;
    const Pass p = pass({image}, run);
    return StepEnd::Pass{p.loss.total, p.out.feature_rec};
  };
  train(all_tensors(network), parameters(network), loop, context);
}

}  // namespace iuf
