#pragma once

#include <functional>

#include "iuf/learn/method.h"
#include "iuf/learn/training_loop.h"
#include "iuf/paper/reconstruction.h"

namespace iuf {

/// A normal image as the network takes it.
struct Example {
  Tensor image;    // 1 x H x W x 3, normalised; unused without a discriminator
  Tensor feature;  // T x C
  int64_t label = 0;
};

/// The images of a step.
struct TrainingSet {
  int64_t step = 0;
  bool base = true;  // the first step: its settings are `epochs`, `learning-rate`, ..., later ones have their own
  int64_t count = 0;
  std::function<Example(int64_t)> example = {};  // thread-safe
};

/// lambda_0 MSE(F_rec, F) + lambda_1 CE(y, labels) + lambda_2 L_sc; the last one when `compress`. features: B x T x C.
BatchLoss training_losses(const Reconstruction::Output& out, const Tensor& features, const std::vector<int64_t>& labels,
                          const Settings& settings, bool compress);

/// Trains the network on a step. The retention's begin() was called before; its other hooks are called here, up to
/// end(). An interrupted call is continued, bit for bit, by the same call on the same network. Afterwards the network
/// is frozen.
void train(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention,
           const StepContext& context);

}  // namespace iuf
